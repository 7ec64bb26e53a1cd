"""Templates as arrays: what the gallery in memory is made of."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from daemon.storage.people import Embedding
from daemon.storage.records import dimension_bytes, unpack_vector, vectors_and_ids
from daemon.storage.vault import Cipher, Unauthentic

_QUERY = """SELECT template, person, tag, template.record FROM template JOIN person USING (person)
    WHERE +model = ? AND active AND template """
_ONE = f"{_QUERY} = ?"
_MANY = f"{_QUERY} IN (SELECT value FROM json_each(?)) ORDER BY template"

NOBODY = bytes(16)
"""In the place of a person's tag in what a picture of nobody is bound to."""

_Record = tuple[int, int, bytes, bytes]


@dataclass(frozen=True)
class Damage:
    """A template that can't be read and is therefore matched by nobody; it stays in the store as it is.

    `person` is the store's number of its person, 0 where that can't be read either.
    """

    template: int
    person: int
    what: str


@dataclass(frozen=True)
class Rows:
    """n templates of active people: `templates` and `people` are the store's numbers, int64 (n,), `person_ids` bytes
    (n,) of dtype S, `embeddings` float32 (n, D), transformed. A template number never comes back for another
    template.
    """

    templates: npt.NDArray[np.int64]
    people: npt.NDArray[np.int64]
    person_ids: npt.NDArray[np.bytes_]
    embeddings: Embedding = field(repr=False)
    damaged: tuple[Damage, ...] = ()

    def __len__(self) -> int:
        return len(self.templates)


def bound_template(person_tag: bytes, model_tag: bytes, template: int, active: bool) -> bytes:
    """What a template's record is bound to: its person and their state, its model and its own number."""
    return b"template" + person_tag + model_tag + template.to_bytes(8, "little") + (b"a" if active else b"s")


def bound_person(person_tag: bytes) -> bytes:
    """What a person's record is bound to: the keyed hash of the person_id."""
    return b"person" + person_tag


def bound_image(person_tag: bytes, image: int, kind: int, hour: int) -> bytes:
    """What a kept picture is bound to: its person (or `NOBODY`), its number, and what stands beside it."""
    return b"image" + person_tag + image.to_bytes(8, "little") + bytes([kind]) + hour.to_bytes(8, "little")


class RowReader:
    """Reads the templates of one model; what is damaged is left out and named."""

    def __init__(self, *, connection: sqlite3.Connection, cipher: Cipher, model: int, model_tag: bytes) -> None:
        self._connection = connection
        self._cipher = cipher
        self._model = model
        self._model_tag = model_tag

    def rows(self, templates: Sequence[int]) -> Rows:
        """The templates of these numbers that are there and whose person is active, in the order of their numbers."""
        damaged: list[Damage] = []
        opened: list[tuple[int, int]] = []
        plains: list[bytes] = []
        head: bytes | None = None
        for template, person, tag, record in self._records(templates, damaged):
            plain = self._open(template, tag, record)
            if head is None and plain:
                head = dimension_bytes(plain)
            if plain and dimension_bytes(plain) == head:
                opened.append((template, person))
                plains.append(plain)
            else:
                damaged.append(Damage(template, person, "its record is not what was stored"))
        return _rows(opened, plains, tuple(damaged))

    def embeddings(self, templates: Sequence[int]) -> dict[int, Embedding]:
        """Only the vectors, by number; a number that is gone or damaged is left out."""
        found: dict[int, Embedding] = {}
        for template, _, tag, record in self._each(templates, []):
            if plain := self._open(template, tag, record):
                found[template] = unpack_vector(plain)
        return found

    def _open(self, template: int, tag: bytes, record: bytes) -> bytes:
        try:
            return self._cipher.open(record, bound_template(tag, self._model_tag, template, True))
        except Unauthentic:
            return b""

    def _records(self, templates: Sequence[int], damaged: list[Damage]) -> Iterator[_Record]:
        try:
            # One statement for all, since loading a large gallery waits for this.
            yield from self._connection.execute(_MANY, (self._model, json.dumps(list(templates)))).fetchall()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            pass
        else:
            return
        yield from self._each(templates, damaged)

    def _each(self, templates: Sequence[int], damaged: list[Damage]) -> Iterator[_Record]:
        for template in templates:
            try:
                record = self._connection.execute(_ONE, (self._model, template)).fetchone()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                damaged.append(Damage(template, 0, str(error)))
                continue
            if record is not None:
                yield record


def _rows(opened: Sequence[tuple[int, int]], plains: Sequence[bytes], damaged: tuple[Damage, ...]) -> Rows:
    embeddings, person_ids = vectors_and_ids(plains)
    numbers = np.array(opened, np.int64).reshape(len(opened), 2)
    return Rows(numbers[:, 0].copy(), numbers[:, 1].copy(), person_ids, embeddings, damaged)
