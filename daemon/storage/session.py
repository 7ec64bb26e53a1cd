"""What the store reads and writes within one transaction: rows of the tables in, values out, and back."""

import sqlite3
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from daemon.errors import PersonNotFound, StoreError
from daemon.storage.people import Person
from daemon.storage.records import StoredTemplate, pack_person, pack_template, unpack_person, unpack_template
from daemon.storage.rows import RowReader, bound_image, bound_person, bound_template
from daemon.storage.vault import Cipher, Unauthentic

TRANSFORM, RECEIPTS, LOCAL = "transform", "receipts", "local"

_PERSON = """SELECT person, tag, active, record, (SELECT count(*) FROM template WHERE template.person = person.person)
    FROM person"""
_TEMPLATES = "SELECT template, model, record FROM template WHERE person = ? ORDER BY template"


@dataclass(frozen=True)
class PersonRow:
    """A row of table person: its number, the keyed hash of the id, the sealed record and how many templates it has."""

    number: int
    tag: bytes
    active: bool
    record: bytes
    templates: int


@dataclass(frozen=True)
class ModelRow:
    """A row of table model, its name opened."""

    number: int
    tag: bytes
    name: str


class Session:
    """The tables of one store in one transaction, under the data key of that moment."""

    def __init__(self, *, connection: sqlite3.Connection, cipher: Cipher) -> None:
        self.connection = connection
        self.cipher = cipher

    def find(self, person_id: str) -> PersonRow | None:
        tag = self.cipher.tag("person", person_id)
        row = self.connection.execute(f"{_PERSON} WHERE tag = ?", (tag,)).fetchone()
        return None if row is None else PersonRow(*row)

    def get(self, person_id: str) -> PersonRow:
        """Raises PersonNotFound."""
        row = self.find(person_id)
        if row is None:
            raise PersonNotFound(f"person {person_id}: nobody is enrolled under that id")
        return row

    def people(self) -> Iterator[PersonRow]:
        """Everybody, in the order of enrolment."""
        for row in self.connection.execute(f"{_PERSON} ORDER BY person").fetchall():
            yield PersonRow(*row)

    def open_person(self, row: PersonRow) -> Person:
        """Raises Unauthentic for a damaged, moved or forged record."""
        try:
            person = unpack_person(self.cipher.open(row.record, bound_person(row.tag)), templates=row.templates)
        except (ValueError, struct.error):
            raise Unauthentic from None
        if person.active != bool(row.active):
            raise Unauthentic
        return person

    def put_person(self, person: Person, number: int | None) -> int:
        """Insert (without a number) or overwrite a person; gives the row's number."""
        tag = self.cipher.tag("person", person.person_id)
        values = (number, tag, person.active, self.cipher.seal(pack_person(person), bound_person(tag)))
        if number is None:
            return self.connection.execute("INSERT INTO person VALUES (?, ?, ?, ?)", values).lastrowid or 0
        self.connection.execute(
            "UPDATE person SET tag = ?, active = ?, record = ? WHERE person = ?", (*values[1:], number)
        )
        return number

    def put_templates(
        self, person: int, model: ModelRow, templates: Sequence[StoredTemplate], *, active: bool = True
    ) -> list[int]:
        """Insert templates; gives their numbers, which never come back."""
        (first,) = self.connection.execute("SELECT next_template FROM state").fetchone()
        self.connection.execute("UPDATE state SET next_template = next_template + ?", (len(templates),))
        numbers = list(range(first, first + len(templates)))
        for number, template in zip(numbers, templates, strict=True):
            record = self._seal_template(number, model, template, active)
            self.connection.execute("INSERT INTO template VALUES (?, ?, ?, ?)", (number, person, model.number, record))
        return numbers

    def open_templates(
        self, row: PersonRow, models: Mapping[int, ModelRow]
    ) -> Iterator[tuple[int, ModelRow, StoredTemplate | None]]:
        """A person's templates of every model with their numbers; None for a damaged one."""
        for number, model, record in self.connection.execute(_TEMPLATES, (row.number,)).fetchall():
            bound_to = bound_template(row.tag, models[model].tag, number, bool(row.active))
            try:
                yield number, models[model], unpack_template(self.cipher.open(record, bound_to))
            except (Unauthentic, ValueError, struct.error):
                yield number, models[model], None

    def replace_template(self, number: int, model: ModelRow, template: StoredTemplate, *, active: bool) -> None:
        """Seal a template's record anew in its place."""
        record = self._seal_template(number, model, template, active)
        self.connection.execute("UPDATE template SET record = ? WHERE template = ?", (record, number))

    def _seal_template(self, number: int, model: ModelRow, template: StoredTemplate, active: bool) -> bytes:
        tag = self.cipher.tag("person", template.person_id)
        return self.cipher.seal(pack_template(template), bound_template(tag, model.tag, number, active))

    def note_removal(self, number: int, at: datetime) -> None:
        """Where terminals share people: the person of that number is gone, which the others have to be told."""
        values = (int(at.timestamp() * 1000), number)
        self.connection.execute("UPDATE share SET person = NULL, removed = ?, due = 1 WHERE person = ?", values)

    def images(self, person: int | None) -> list[int]:
        """The numbers of a person's kept pictures, or of those that are nobody's."""
        rows = self.connection.execute("SELECT image FROM image WHERE person IS ?", (person,)).fetchall()
        return [number for (number,) in rows]

    def reseal_images(self, new: "Session", person: int | None, tag: bytes, new_tag: bytes) -> None:
        """Seal the pictures of a person (or nobody's) under another session's key; damaged ones stay as they are."""
        query = "SELECT kind, hour, record FROM image WHERE image = ?"
        for number in self.images(person):
            kind, hour, record = self.connection.execute(query, (number,)).fetchone()
            try:
                plain = self.cipher.open(record, bound_image(tag, number, kind, hour))
            except Unauthentic:
                continue
            sealed = new.cipher.seal(plain, bound_image(new_tag, number, kind, hour))
            new.connection.execute("UPDATE image SET record = ? WHERE image = ?", (sealed, number))

    def models(self) -> list[ModelRow]:
        rows = self.connection.execute("SELECT model, tag, record FROM model").fetchall()
        try:
            return [
                ModelRow(number, tag, self.cipher.open(record, b"model" + tag).decode()) for number, tag, record in rows
            ]
        except Unauthentic:
            raise StoreError("table model: a record is damaged, so no template can be read; restore a backup") from None

    def model(self, name: str) -> ModelRow | None:
        return next((model for model in self.models() if model.name == name), None)

    def need_model(self, name: str) -> ModelRow:
        """The model's row, made where it is new."""
        present = self.model(name)
        if present is not None:
            return present
        (number,) = self.connection.execute("SELECT coalesce(max(model), 0) + 1 FROM model").fetchone()
        row = ModelRow(number, self.cipher.tag("model", name), name)
        self.put_model(row)
        return row

    def put_model(self, model: ModelRow) -> None:
        """Insert a model, or overwrite the one of that number."""
        self.connection.execute(
            "INSERT INTO model VALUES (?1, ?2, ?3) ON CONFLICT (model) DO UPDATE SET tag = ?2, record = ?3",
            (model.number, model.tag, self.cipher.seal(model.name.encode(), b"model" + model.tag)),
        )

    def reader(self, model: ModelRow) -> RowReader:
        return RowReader(connection=self.connection, cipher=self.cipher, model=model.number, model_tag=model.tag)

    def secret(self, name: str) -> bytes:
        """A secret that belongs to the store. Raises StoreError when it is damaged."""
        row = self.connection.execute("SELECT record FROM secret WHERE name = ?", (name,)).fetchone()
        try:
            return self.cipher.open(row[0] if row else b"", b"secret" + name.encode())
        except Unauthentic:
            raise StoreError(
                f"secret {name!r}: missing or damaged, so no score would be right; restore a backup"
            ) from None

    def secret_names(self) -> list[str]:
        return [name for (name,) in self.connection.execute("SELECT name FROM secret ORDER BY name")]

    def local_secret(self) -> bytes:
        """What the files beside the store (audit trail, API keys) are made under. Raises StoreError when damaged.

        It is the receipts' until a restore brings in those of another store and parts the two.
        """
        return self.secret(LOCAL if LOCAL in self.secret_names() else RECEIPTS)

    def put_secret(self, name: str, value: bytes) -> None:
        record = self.cipher.seal(value, b"secret" + name.encode())
        self.connection.execute("INSERT OR REPLACE INTO secret VALUES (?, ?)", (name, record))

    def put_key(self, wrapped: bytes) -> None:
        self.connection.execute("INSERT OR REPLACE INTO keyring VALUES (1, ?)", (wrapped,))

    def count_change(self) -> int:
        """Move the change marker; gives the new one."""
        self.connection.execute("UPDATE state SET changes = changes + 1")
        return self.changes()

    def changes(self) -> int:
        return int(self.connection.execute("SELECT changes FROM state").fetchone()[0])
