"""The keeper of the gallery: the store first, then the snapshot in memory."""

import logging
import threading
from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from daemon.gallery.chunk import BLOCK_ROWS, ROWS, Chunk
from daemon.gallery.snapshot import Gallery
from daemon.storage.people import Erasure, NewTemplate, Person
from daemon.storage.rows import Damage, Rows
from daemon.storage.store import Store

__all__ = ["Gallery", "GalleryKeeper"]

_log = logging.getLogger(__name__)

_READ_ROWS = 512  # whose records and float32 the processor's cache holds until they are rounded


class GalleryKeeper:
    """Owns the snapshot: changes go to the store first, then `current` is replaced in one assignment.

    A search of `current` waits for nothing here. Up to `exact_rows` templates stay in memory as float32 too; in a
    larger gallery the few that a search compares exactly are read from the store. Raises StoreError.
    """

    def __init__(self, *, store: Store, model: str, exact_rows: int = 20_000) -> None:
        self._store = store
        self._model = model
        self._exact_rows = exact_rows
        self._lock = threading.Lock()
        self._marker = -1
        self._secret = b""
        self._damaged: dict[int, Damage] = {}
        self.current = Gallery()
        self.refresh()

    @property
    def damaged(self) -> tuple[Damage, ...]:
        """The templates that couldn't be read and are matched by nobody."""
        return tuple(self._damaged.values())

    def enrol(self, person_id: str, templates: Sequence[NewTemplate], *, replace: bool) -> Person:
        """As `Store.enrol`; on return the person can be matched."""
        with self._lock:
            person, numbers, marker = self._store.enrol_numbered(person_id, templates, replace=replace)
            chunks = self._without(person_id) if replace else self.current.chunks
            if self._alone(marker):
                self._replace(self._joined(chunks, np.array(numbers, np.int64)))
                self._marker = marker
            else:
                self._reload()
        return person

    def remove(self, person_id: str) -> Erasure:
        """As `Store.remove`; on return the person can't be matched, and their templates are gone from memory."""
        with self._lock:
            receipt = self._store.remove(person_id)
            self._replace(self._without(person_id))  # before the store is read again, which may fail
            marker = self._store.change_marker()
            if self._alone(marker):
                self._marker = marker
            else:
                self._reload()
        return receipt

    def refresh(self) -> bool:
        """Take up what any process has changed; cheap when nothing was. True when the snapshot was replaced."""
        if self._store.change_marker() == self._marker:
            return False
        with self._lock:
            self._reload()
        return True

    def _alone(self, marker: int) -> bool:
        # A marker further on means that another process has changed something too, which only a reload sees; and only
        # it sees which of the damaged templates are gone.
        return marker == self._marker + 1 and not self._damaged

    def _reload(self) -> None:
        marker, numbers, secret = self._store.listing(self._model)
        present = self.current.chunks if secret == self._secret else ()
        kept: list[Chunk] = []
        for chunk in present:
            alive = np.isin(chunk.templates, numbers)
            kept.append(chunk if alive.all() else chunk.only(alive))
        known = np.concatenate([chunk.templates for chunk in kept]) if kept else np.empty(0, np.int64)
        self._secret = secret
        self._damaged = {number: self._damaged[number] for number in self._damaged.keys() & set(numbers.tolist())}
        chunks = self._joined(tuple(chunk for chunk in kept if len(chunk)), np.setdiff1d(numbers, known))
        self._replace(chunks)
        self._marker = marker

    def _joined(self, chunks: tuple[Chunk, ...], numbers: npt.NDArray[np.int64]) -> tuple[Chunk, ...]:
        total = sum(len(chunk) for chunk in chunks) + len(numbers)
        keep_exact = total <= self._exact_rows
        if not keep_exact:
            chunks = tuple(chunk if chunk.exact is None else chunk.without_exact() for chunk in chunks)
        for start in range(0, len(numbers), BLOCK_ROWS):
            parts = self._read(numbers[start : start + BLOCK_ROWS], keep_exact=keep_exact)
            if parts:
                chunks = _with(chunks, parts[0].joined(*parts[1:]) if len(parts) > 1 else parts[0])
        return chunks

    def _read(self, numbers: npt.NDArray[np.int64], *, keep_exact: bool) -> list[Chunk]:
        parts: list[Chunk] = []
        for start in range(0, len(numbers), _READ_ROWS):
            rows = self._store.rows(self._model, numbers[start : start + _READ_ROWS])
            self._note(rows)
            if len(rows):
                parts.append(Chunk.of(rows, keep_exact=keep_exact))
        return parts

    def _without(self, person_id: str) -> tuple[Chunk, ...]:
        chunks: list[Chunk] = []
        for chunk in self.current.chunks:
            others = chunk.person_ids != person_id.encode()
            chunks.append(chunk if others.all() else chunk.only(others))
        return tuple(chunk for chunk in chunks if len(chunk))

    def _replace(self, chunks: tuple[Chunk, ...]) -> None:
        if not chunks:
            self.current = Gallery()
            return
        transform = self._store.transform(self._secret, chunks[0].codes.values.shape[1])
        self.current = Gallery(chunks, transform, partial(self._store.embeddings, self._model))

    def _note(self, rows: Rows) -> None:
        for damage in rows.damaged:
            if damage.template not in self._damaged:
                self._damaged[damage.template] = damage
                _log.error(
                    "%s: template %d of person number %d is damaged and matched by nobody (%s); "
                    "enrol them again or restore a backup",
                    self._store.path,
                    damage.template,
                    damage.person,
                    damage.what,
                )


def _with(chunks: tuple[Chunk, ...], new: Chunk) -> tuple[Chunk, ...]:
    smallest = min(range(len(chunks)), key=lambda index: len(chunks[index]), default=-1)
    if smallest < 0 or len(chunks[smallest]) + len(new) > ROWS:
        return (*chunks, new)
    return (*chunks[:smallest], chunks[smallest].joined(new), *chunks[smallest + 1 :])
