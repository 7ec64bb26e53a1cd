"""The gallery in memory: an immutable snapshot to search, and the keeper that replaces it."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from daemon.people import Embedding, Erasure, NewTemplate, Person
from daemon.store import Store
from daemon.transform import TransformFactory, identity
from daemon.types import Candidate


@dataclass(frozen=True)
class Gallery:
    """The active people's templates of one model at one moment."""

    ids: tuple[str, ...] = ()
    rows: Embedding = field(default_factory=lambda: np.empty((0, 0), np.float32), repr=False)

    @property
    def size(self) -> int:
        """How many people can be matched."""
        return len(set(self.ids))

    def search(self, probe: Embedding) -> tuple[Candidate, ...]:
        """The two people most like the probe, float32 (D,) of unit length: best first, each with their best score."""
        best: dict[str, float] = {}
        for person_id, score in zip(self.ids, self.rows @ probe if self.ids else (), strict=True):
            best[person_id] = max(best.get(person_id, -1.0), float(score))
        ranked = sorted(best.items(), key=lambda item: -item[1])[:2]
        return tuple(Candidate(person_id, score) for person_id, score in ranked)

    def scores(self, person_id: str, probe: Embedding) -> tuple[float, ...]:
        """The probe's score against each template of one person; none for a person who can't be matched."""
        mine = [index for index, owner in enumerate(self.ids) if owner == person_id]
        return tuple(float(self.rows[index] @ probe) for index in mine)


class GalleryKeeper:
    """Owns the snapshot: changes go to the store first, then `current` is replaced in one assignment."""

    def __init__(self, *, store: Store, model: str, transform: TransformFactory = identity) -> None:
        self._store = store
        self._model = model
        self._transform = transform
        self._lock = threading.Lock()
        self._marker = -1
        self.current = Gallery()
        self.refresh()

    def enrol(self, person_id: str, templates: Sequence[NewTemplate], *, replace: bool) -> Person:
        """As `Store.enrol`; on return the person can be matched."""
        person = self._store.enrol(person_id, templates, replace=replace)
        self.refresh()
        return person

    def remove(self, person_id: str) -> Erasure:
        """As `Store.remove`; on return the person can't be matched any more."""
        receipt = self._store.remove(person_id)
        self.refresh()
        return receipt

    def refresh(self) -> bool:
        """Take up what any process has changed; cheap when nothing was. True when the snapshot was replaced."""
        with self._lock:
            marker = self._store.change_marker()
            if marker == self._marker:
                return False
            ids, rows = self._store.templates(self._model)
            self.current = Gallery(ids, rows)
            self._marker = marker
            return True
