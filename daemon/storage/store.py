"""The people and their templates: one encrypted SQLite file, used by the daemon and the command line at once.

Nothing in the file is readable without the master key: records are sealed by AES-256-GCM and bound to their place,
ids and model names are found by keyed hashes. Open to who can read the file: how many people and templates there are,
which of them are suspended, and when the file changed (where terminals share people: when each was changed, and by
which terminal). Whoever can write it can remove people or put an older whole
file back, but can neither add, alter nor exchange records unnoticed.
"""

import hmac
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace as changed
from datetime import datetime, timezone
from enum import Enum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from daemon.config.settings import Storage
from daemon.errors import AlreadyEnrolled, StoreError
from daemon.storage.departures import remove_person
from daemon.storage.masterkey import find_store_key
from daemon.storage.people import Embedding, Erasure, NewTemplate, Person, check_person_id
from daemon.storage.records import StoredTemplate
from daemon.storage.rows import Rows
from daemon.storage.seal import FILE_NAME as SEAL_FILE
from daemon.storage.seal import SealFile
from daemon.storage.session import RECEIPTS, TRANSFORM, ModelRow, PersonRow, Session
from daemon.storage.storefile import StoreFile
from daemon.storage.transform import Transform, TransformFactory, rotation
from daemon.storage.vault import Unauthentic, Vault, derive

__all__ = [
    "Embedding",
    "Erasure",
    "Keep",
    "NewTemplate",
    "Person",
    "Store",
    "check_person_id",
    "open_store",
]

FILE_NAME = "people.db"

_log = logging.getLogger(__name__)


class Keep(Enum):
    """The value of an argument that changes nothing."""

    KEEP = "keep"


class Store:
    """The people on disk. Each method is one transaction, safe from any thread; what it has returned survives a power
    cut.

    `transform` makes the secret map that every embedding goes through on its way in. Every method raises StoreError
    when the file can't be read or written, or WrongKeyError when another process has rotated the key to one that
    isn't at hand.
    """

    def __init__(self, *, path: Path, vault: Vault, transform: TransformFactory = rotation) -> None:
        """Open the store, or make one where there is no file. Raises StoreError, WrongKeyError."""
        self.file = StoreFile(path=path, vault=vault)
        self._factory = transform
        self._made: tuple[bytes, int, Transform] | None = None

    @property
    def path(self) -> Path:
        return self.file.path

    @property
    def writable(self) -> bool:
        """False on a read-only file system: people are matched, nothing can be changed."""
        return self.file.writable

    def people(self) -> tuple[Person, ...]:
        """Everybody, in the order of enrolment; a damaged record is left out and logged."""
        with self.file.reading() as session:
            return tuple(person for row in session.people() if (person := self._readable(session, row)))

    def person(self, person_id: str) -> Person:
        """Raises PersonNotFound, PersonIdError."""
        with self.file.reading() as session:
            return self._open(session, session.get(check_person_id(person_id)), person_id)

    def enrol(self, person_id: str, templates: Sequence[NewTemplate], *, replace: bool) -> Person:
        """Store a new person, or with `replace` put these templates in place of all that the person had.

        Raises AlreadyEnrolled for a taken id without `replace`, PersonNotFound for a free id with it, PersonIdError.
        """
        return self.enrol_numbered(person_id, templates, replace=replace)[0]

    def enrol_numbered(
        self, person_id: str, templates: Sequence[NewTemplate], *, replace: bool
    ) -> tuple[Person, tuple[int, ...], int]:
        """As `enrol`; gives also the numbers of the templates, in their order, and the change marker."""
        check_person_id(person_id)
        checked = [_checked(template) for template in templates]
        if not checked:
            raise StoreError(f"person {person_id}: nothing to enrol; at least one template is needed")
        now = _now()
        with self.file.writing() as session:
            row = session.get(person_id) if replace else session.find(person_id)
            if row is None:
                person = Person(person_id, now, now, templates=len(checked))
                number = session.put_person(person, None)
            elif replace:
                person = changed(self._open(session, row, person_id), updated=now, templates=len(checked))
                number = session.put_person(person, row.number)
                session.connection.execute("DELETE FROM template WHERE person = ?", (number,))
                session.connection.execute("DELETE FROM image WHERE person = ? AND kind = 0", (number,))
            else:
                raise AlreadyEnrolled(f"person {person_id}: is enrolled; replace or remove them first")
            numbers = self._put(session, number, person, checked, now)
            marker = session.changes() + 1
        if replace:
            self.file.empty_log()
        return person, tuple(numbers), marker

    def update(
        self,
        person_id: str,
        *,
        active: bool | Keep = Keep.KEEP,
        valid_from: datetime | Keep | None = Keep.KEEP,
        valid_until: datetime | Keep | None = Keep.KEEP,
        groups: Sequence[str] | Keep = Keep.KEEP,
    ) -> Person:
        """Change what is given, keep the rest; times must be aware. Raises PersonNotFound, PersonIdError."""
        given = {"active": active, "valid_from": valid_from, "valid_until": valid_until, "groups": groups}
        values = {name: value for name, value in given.items() if value is not Keep.KEEP}
        if "groups" in values:
            values["groups"] = tuple(groups) if not isinstance(groups, Keep) else ()
        with self.file.writing() as session:
            row = session.get(check_person_id(person_id))
            person = changed(self._open(session, row, person_id), updated=_now(), **values)  # type: ignore[arg-type]
            if person.active != bool(row.active):
                _reseal(session, row, person.active)
            session.put_person(person, row.number)
        return person

    def remove(self, person_id: str) -> Erasure:
        """Erase a person with every template and kept picture, also from the write-ahead log.

        Raises PersonNotFound, PersonIdError.

        A person whose record is damaged can be removed too; the receipt's `created` and `updated` are then the time
        of removal.
        """
        now = _now()
        with self.file.writing() as session:
            row = session.get(check_person_id(person_id))
            person = self._readable(session, row) or Person(person_id, now, now, templates=row.templates)
            images = len(session.images(row.number))
            remove_person(session, row, person_id)
            session.note_removal(row.number, now)
            digest = _person_hash(session, person_id)
        complete = self.file.empty_log()
        return Erasure(digest, now, person.templates, person.created, person.updated, complete, images)

    def person_hash(self, person_id: str) -> str:
        """What the receipt of this person's removal says under `person_hash`."""
        with self.file.reading() as session:
            return _person_hash(session, person_id)

    def templates(self, model: str) -> tuple[tuple[str, ...], Embedding]:
        """The active people's templates of a model, transformed: the person_id of each row, and float32 (n, D)."""
        rows = self.rows(model, self.listing(model)[1])
        return tuple(identity.decode() for identity in rows.person_ids), rows.embeddings

    def listing(self, model: str) -> tuple[int, npt.NDArray[np.int64], bytes]:
        """The change marker, the active people's template numbers of a model, ascending, and the transform's secret."""
        query = (
            """SELECT template FROM template JOIN person USING (person) WHERE model = ? AND active ORDER BY template"""
        )
        with self.file.reading() as session:
            row = session.model(model)
            numbers = session.connection.execute(query, (row.number if row else 0,)).fetchall()
            return session.changes(), np.array(numbers, np.int64).reshape(-1), session.secret(TRANSFORM)

    def rows(self, model: str, numbers: Sequence[int] | npt.NDArray[np.int64]) -> Rows:
        """The templates of these numbers; one that is gone is left out, a damaged one is left out and named."""
        with self.file.reading() as session:
            row = session.model(model) or ModelRow(0, b"", model)
            return session.reader(row).rows([int(number) for number in numbers])

    def embeddings(self, model: str, numbers: Sequence[int]) -> dict[int, Embedding]:
        """The transformed embeddings, float32 (D,), of these templates; what is gone or damaged is left out."""
        with self.file.reading() as session:
            row = session.model(model)
            return session.reader(row).embeddings(numbers) if row else {}

    def transform(self, secret: bytes, dimension: int) -> Transform:
        """The transform of this secret (see `listing`) for embeddings of D dimensions."""
        made = self._made
        if made is None or made[:2] != (secret, dimension):
            made = (secret, dimension, self._factory(secret, dimension))
            self._made = made
        return made[2]

    def stale(self, model: str) -> tuple[Person, ...]:
        """The people who have no template of this model: they have to be enrolled again."""
        query = "SELECT DISTINCT person FROM template WHERE model = ?"
        with self.file.reading() as session:
            row = session.model(model)
            current = {number for (number,) in session.connection.execute(query, (row.number if row else 0,))}
            stale = [row for row in session.people() if row.number not in current]
            return tuple(person for row in stale if (person := self._readable(session, row)))

    def subkey(self, label: str) -> bytes:
        """A 32-byte secret of this store for one purpose; neither a new master key nor a restore changes it."""
        with self.file.reading() as session:
            return derive(session.local_secret(), label)

    def change_marker(self) -> int:
        """A number that differs after any process has committed a change."""
        return self.file.changes()

    def close(self) -> None:
        """Close the file; further calls raise StoreError."""
        self.file.close()

    def _put(
        self, session: Session, number: int, person: Person, templates: Sequence[NewTemplate], now: datetime
    ) -> list[int]:
        secret = session.secret(TRANSFORM)
        numbers: list[int] = []
        for new in templates:
            embedding = self.transform(secret, new.embedding.size)(new.embedding)
            stored = StoredTemplate(person.person_id, now, new.quality, new.source, embedding)
            numbers += session.put_templates(number, session.need_model(new.model), [stored], active=person.active)
        return numbers

    def _open(self, session: Session, row: PersonRow, person_id: str) -> Person:
        try:
            return session.open_person(row)
        except Unauthentic:
            raise StoreError(
                f"{self.path}: the record of person {person_id} is damaged; "
                "remove and enrol them again, or restore a backup"
            ) from None

    def _readable(self, session: Session, row: PersonRow) -> Person | None:
        try:
            return session.open_person(row)
        except Unauthentic:
            _log.error("%s: record %d of table person is damaged and left out; restore a backup", self.path, row.number)
            return None


def open_store(storage: Storage, *, environ: Mapping[str, str]) -> Store:
    """The store of a configuration, made where there is none. Raises StoreError, WrongKeyError."""
    source = find_store_key(storage, environ=environ)
    return Store(
        path=storage.folder / FILE_NAME, vault=Vault(source=source, beside=SealFile(storage.folder / SEAL_FILE))
    )


def _checked(template: NewTemplate) -> NewTemplate:
    vector = template.embedding
    if vector.ndim != 1 or vector.dtype != np.float32 or not abs(float(np.linalg.norm(vector)) - 1) < 1e-3:
        raise ValueError(f"embedding: expected float32 (D,) of unit length, not {vector.dtype} {vector.shape}")
    if len(template.source.encode()) > 255:
        raise ValueError("source: expected at most 255 bytes of UTF-8")
    return template


def _reseal(session: Session, row: PersonRow, active: bool) -> None:
    # The state is part of what a template is bound to, so that nobody can turn it in the file.
    for number, model, template in session.open_templates(row, {model.number: model for model in session.models()}):
        if template is not None:
            session.replace_template(number, model, template, active=active)


def _person_hash(session: Session, person_id: str) -> str:
    return hmac.digest(session.secret(RECEIPTS), person_id.encode(), "sha256").hex()


def _now() -> datetime:
    return datetime.now(timezone.utc)
