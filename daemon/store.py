"""The people and their templates in one SQLite file."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from enum import Enum
from hashlib import sha256
from pathlib import Path

import numpy as np

from daemon.errors import AlreadyEnrolled, PersonNotFound
from daemon.people import Embedding, Erasure, NewTemplate, Person, check_person_id
from daemon.vault import Vault

__all__ = [
    "Embedding",
    "Erasure",
    "Keep",
    "NewTemplate",
    "Person",
    "Store",
    "check_person_id",
]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS person (
    person INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, created TEXT, updated TEXT, active INTEGER,
    valid_from TEXT, valid_until TEXT, groups TEXT);
CREATE TABLE IF NOT EXISTS template (
    template INTEGER PRIMARY KEY AUTOINCREMENT, person INTEGER REFERENCES person ON DELETE CASCADE, model TEXT, source TEXT,
    quality REAL, embedding BLOB);
CREATE TABLE IF NOT EXISTS counter (changes INTEGER);
INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM counter);
"""
_PERSON = """SELECT id, created, updated, active, valid_from, valid_until, groups,
    (SELECT count(*) FROM template WHERE template.person = person.person) FROM person"""


class Keep(Enum):
    """The value of an argument that changes nothing."""

    KEEP = "keep"


class Store:
    """The people on disk. Several processes may have the file open; each method is one transaction and safe from any thread."""

    def __init__(self, *, path: Path, vault: Vault) -> None:
        self._vault = vault
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
            "foreign_keys=ON",
            "busy_timeout=5000",
        ):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_SCHEMA)

    def people(self) -> tuple[Person, ...]:
        """Everybody, in the order of enrolment."""
        with self._lock:
            return tuple(_person(row) for row in self._db.execute(f"{_PERSON} ORDER BY person.person"))

    def person(self, person_id: str) -> Person:
        """Raises PersonNotFound, PersonIdError."""
        with self._lock:
            return self._get(check_person_id(person_id))

    def enrol(self, person_id: str, templates: Sequence[NewTemplate], *, replace: bool) -> Person:
        """Store a new person, or with `replace` put these templates in place of all that the person had.

        Raises AlreadyEnrolled for a taken id without `replace`, PersonNotFound for a free id with it, PersonIdError.
        """
        check_person_id(person_id)
        now = _now().isoformat()
        with self._writing():
            try:
                self._get(person_id)
            except PersonNotFound:
                if replace:
                    raise
                self._db.execute(
                    "INSERT INTO person (id, created, updated, active, groups) VALUES (?, ?, ?, 1, '')",
                    (person_id, now, now),
                )
            else:
                if not replace:
                    raise AlreadyEnrolled(f"person {person_id}: is enrolled; replace or remove them first")
            key = self._db.execute("SELECT person FROM person WHERE id = ?", (person_id,)).fetchone()[0]
            self._db.execute("UPDATE person SET updated = ? WHERE person = ?", (now, key))
            self._db.execute("DELETE FROM template WHERE person = ?", (key,))
            self._db.executemany(
                "INSERT INTO template (person, model, source, quality, embedding) VALUES (?, ?, ?, ?, ?)",
                [(key, t.model, t.source, t.quality, t.embedding.tobytes()) for t in templates],
            )
            return self._get(person_id)

    def update(
        self,
        person_id: str,
        *,
        active: bool | Keep = Keep.KEEP,
        valid_from: datetime | Keep | None = Keep.KEEP,
        valid_until: datetime | Keep | None = Keep.KEEP,
        groups: Sequence[str] | Keep = Keep.KEEP,
    ) -> Person:
        """Change what is given, keep the rest. Raises PersonNotFound, PersonIdError."""
        with self._writing():
            self._get(check_person_id(person_id))
            values: dict[str, object] = {"updated": _now().isoformat()}
            if not isinstance(active, Keep):
                values["active"] = active
            for name, time in (
                ("valid_from", valid_from),
                ("valid_until", valid_until),
            ):
                if not isinstance(time, Keep):
                    values[name] = time.isoformat() if time else None
            if not isinstance(groups, Keep):
                values["groups"] = "\n".join(groups)
            assignments = ", ".join(f"{name} = :{name}" for name in values)
            self._db.execute(
                f"UPDATE person SET {assignments} WHERE id = :id",
                {**values, "id": person_id},
            )
            return self._get(person_id)

    def remove(self, person_id: str) -> Erasure:
        """Erase a person and every template. Raises PersonNotFound, PersonIdError."""
        with self._writing():
            person = self._get(check_person_id(person_id))
            self._db.execute("DELETE FROM person WHERE id = ?", (person_id,))
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        digest = sha256(person_id.encode()).hexdigest()
        return Erasure(digest, _now(), person.templates, person.created, person.updated, True)

    def templates(self, model: str) -> tuple[tuple[str, ...], Embedding]:
        """The active people's templates of a model: the person_id of each row, and float32 (n, D)."""
        query = """SELECT id, embedding FROM template JOIN person USING (person) WHERE model = ? AND active
            ORDER BY person, template"""
        with self._lock:
            rows = self._db.execute(query, (model,)).fetchall()
        joined = np.frombuffer(b"".join(row[1] for row in rows), np.float32)
        return tuple(row[0] for row in rows), joined.reshape(len(rows), -1) if rows else np.empty((0, 0), np.float32)

    def stale(self, model: str) -> tuple[Person, ...]:
        """The people who have no template of this model: they have to be enrolled again."""
        with self._lock:
            ids = {
                row[0]
                for row in self._db.execute(
                    "SELECT id FROM template JOIN person USING (person) WHERE model = ?",
                    (model,),
                )
            }
        return tuple(person for person in self.people() if person.person_id not in ids)

    def change_marker(self) -> int:
        """A number that differs after any process has committed a change."""
        with self._lock:
            return int(self._db.execute("SELECT changes FROM counter").fetchone()[0])

    def close(self) -> None:
        """Close the file; further calls fail."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("UPDATE counter SET changes = changes + 1")
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def _get(self, person_id: str) -> Person:
        row = self._db.execute(f"{_PERSON} WHERE id = ?", (person_id,)).fetchone()
        if row is None:
            raise PersonNotFound(f"person {person_id}: nobody is enrolled under that id")
        return _person(row)


def _person(row: tuple[str, str, str, int, str | None, str | None, str, int]) -> Person:
    person_id, created, updated, active, start, end, groups, templates = row
    return Person(
        person_id=person_id,
        created=datetime.fromisoformat(created),
        updated=datetime.fromisoformat(updated),
        active=bool(active),
        valid_from=datetime.fromisoformat(start) if start else None,
        valid_until=datetime.fromisoformat(end) if end else None,
        groups=tuple(groups.split("\n")) if groups else (),
        templates=templates,
    )


def _now() -> datetime:
    return datetime.now(timezone.utc)
