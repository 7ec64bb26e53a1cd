"""Templates as arrays: what the gallery in memory is made of."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from daemon.people import Embedding
from daemon.records import vector_and_id
from daemon.vault import Cipher, Unauthentic

_QUERY = """SELECT template, person, tag, active, template.record FROM template JOIN person USING (person)
    WHERE +model = ? AND template IN (SELECT value FROM json_each(?)) ORDER BY template"""

_Record = tuple[int, int, bytes, int, bytes]


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


class _Found:
    """Rows on their way into arrays."""

    def __init__(self) -> None:
        self.damaged: list[Damage] = []
        self._templates: list[int] = []
        self._people: list[int] = []
        self._identities: list[bytes] = []
        self._vectors: list[bytes] = []

    def add(self, template: int, person: int, vector: bytes, identity: bytes) -> None:
        """A vector of no bytes, or of another length than the first one's, is damage."""
        if not vector or len(vector) != len(self._vectors[0] if self._vectors else vector):
            self.damaged.append(Damage(template, person, "its record is not what was stored"))
            return
        self._templates.append(template)
        self._people.append(person)
        self._identities.append(identity)
        self._vectors.append(vector)

    def rows(self) -> Rows:
        count = len(self._vectors)
        dimension = len(self._vectors[0]) // 4 if count else 0
        return Rows(
            np.array(self._templates, np.int64),
            np.array(self._people, np.int64),
            np.array(self._identities, np.bytes_),
            np.frombuffer(b"".join(self._vectors), "<f4").reshape(count, dimension),
            tuple(self.damaged),
        )


class RowReader:
    """Reads the templates of one model; what is damaged is left out and named."""

    def __init__(self, *, connection: sqlite3.Connection, cipher: Cipher, model: int, model_tag: bytes) -> None:
        self._connection = connection
        self._cipher = cipher
        self._model = model
        self._model_tag = model_tag

    def rows(self, templates: Sequence[int]) -> Rows:
        """The templates of these numbers that are there and whose person is active, in the order of their numbers."""
        found = _Found()
        for template, person, tag, active, record in self._records(templates, found.damaged):
            if active:
                vector, identity = self._open(template, tag, active, record)
                found.add(template, person, vector, identity)
        return found.rows()

    def embeddings(self, templates: Sequence[int]) -> dict[int, Embedding]:
        """Only the vectors, by number; a number that is gone or damaged is left out."""
        found: dict[int, Embedding] = {}
        for template, _, tag, active, record in self._records(templates, []):
            vector, _ = self._open(template, tag, active, record)
            if vector:
                found[template] = np.frombuffer(vector, "<f4")
        return found

    def _open(self, template: int, tag: bytes, active: int, record: bytes) -> tuple[bytes, bytes]:
        try:
            return vector_and_id(
                self._cipher.open(record, bound_template(tag, self._model_tag, template, bool(active)))
            )
        except (Unauthentic, IndexError):
            return b"", b""

    def _records(self, templates: Sequence[int], damaged: list[Damage]) -> Iterator[_Record]:
        try:
            yield from self._fetch(templates)
        except sqlite3.DatabaseError as error:
            if len(templates) == 1 or isinstance(error, sqlite3.OperationalError):
                raise
        else:
            return
        for template in templates:
            try:
                yield from self._fetch([template])
            except sqlite3.DatabaseError as error:
                damaged.append(Damage(template, 0, str(error)))

    def _fetch(self, templates: Sequence[int]) -> list[_Record]:
        return self._connection.execute(_QUERY, (self._model, json.dumps(list(templates)))).fetchall()
