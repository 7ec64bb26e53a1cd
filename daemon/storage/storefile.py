"""A store's file with its keys: transactions under the data key of the moment, and the change of keys."""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace as changed
from pathlib import Path

from daemon.drafts import remove_stale_drafts
from daemon.errors import StoreError, WrongKeyError
from daemon.storage.database import Database, create
from daemon.storage.rows import NOBODY
from daemon.storage.schema import prepare
from daemon.storage.session import RECEIPTS, TRANSFORM, Session
from daemon.storage.vault import Cipher, Unauthentic, Vault


class StoreFile:
    """Opens the file, or makes it with its first keys where there is none. Raises StoreError, WrongKeyError."""

    def __init__(self, *, path: Path, vault: Vault) -> None:
        self.path = path
        self._vault = vault
        if not path.exists():
            create(path, self._build)
        remove_stale_drafts(path.parent)
        self._database = Database(path=path)
        try:
            with self._database.exclusive() as connection:
                prepare(connection, path=str(path))
            self._unwrapped: tuple[bytes, Cipher] | None = None
            with self.reading():
                pass  # a wrong key is told here, before anything is done with the store
            if self.writable and vault.unsettled():
                self._settle()
        except BaseException:
            self._database.close()
            raise

    @property
    def writable(self) -> bool:
        return self._database.writable

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view of the store; it waits for no writer. Raises StoreError, WrongKeyError."""
        with self._database.reading() as connection, self._named():
            yield Session(connection=connection, cipher=self._cipher_of_view(connection))

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One change: on disk and counted when the context ends, undone when it fails. Raises StoreError."""
        with self.noting() as session:
            yield session
            session.count_change()

    @contextmanager
    def noting(self) -> Iterator[Session]:
        """As `writing`, for what concerns no reader of the people: it leaves the change marker. Raises StoreError."""
        with self._database.writing() as connection, self._named():
            yield Session(connection=connection, cipher=self._cipher(connection))

    def changes(self) -> int:
        """The change marker, without touching a key."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT changes FROM state").fetchone()[0])

    def empty_log(self) -> bool:
        """Cut the write-ahead log to nothing; False when a reader kept it in use or the disk refused."""
        return self._database.empty_log()

    def rotate(self) -> None:
        """Encrypt everything anew under a new data key, wrapped by a new master key where its source can replace it.

        The new master key is on disk before the store is changed in one transaction, and takes the old one's place
        after: killed at any moment, one of the two opens the store and what lies beside it. A damaged person's record
        is refused: nobody could find it afterwards. Raises StoreError, WrongKeyError.
        """
        with self._vault.rotating():
            self._rotate()
        self.empty_log()

    def _rotate(self) -> None:
        with self._database.writing() as connection, self._named():
            old = Session(connection=connection, cipher=self._cipher(connection))
            self._vault.settle(_wrapped(connection), str(self.path))
            key = self._vault.stage()
            new = Session(connection=connection, cipher=key.cipher)
            _reseal(old, new)
            new.put_key(key.wrapped)
            new.count_change()
        self._settle()

    def _settle(self) -> None:
        with self._database.writing() as connection:
            self._vault.settle(_wrapped(connection), str(self.path))

    def close(self) -> None:
        self._database.close()

    def _build(self, connection: sqlite3.Connection) -> None:
        prepare(connection, path=str(self.path))
        key = self._vault.create()
        session = Session(connection=connection, cipher=key.cipher)
        session.put_key(key.wrapped)
        for name in (TRANSFORM, RECEIPTS):
            session.put_secret(name, secrets.token_bytes(32))

    def _cipher_of_view(self, connection: sqlite3.Connection) -> Cipher:
        for _ in range(2):
            try:
                return self._cipher(connection)
            except WrongKeyError:  # or the key was rotated since this view began
                connection.execute("ROLLBACK")
                connection.execute("BEGIN")
        return self._cipher(connection)

    def _cipher(self, connection: sqlite3.Connection) -> Cipher:
        wrapped = _wrapped(connection)
        if not wrapped:
            raise StoreError(
                f"{self.path}: holds no key, so it was never finished or was tampered with; restore a backup"
            )
        known = self._unwrapped
        if known is None or known[0] != wrapped:
            known = (wrapped, self._vault.unwrap(wrapped, str(self.path)))
            self._unwrapped = known
        return known[1]

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except Unauthentic as error:
            raise StoreError(f"{self.path}: a record is damaged; restore a backup") from error


def _wrapped(connection: sqlite3.Connection) -> bytes:
    row = connection.execute("SELECT wrapped FROM keyring").fetchone()
    return row[0] if row else b""


def _reseal(old: Session, new: Session) -> None:
    models = {model.number: model for model in old.models()}
    renamed = {number: changed(model, tag=new.cipher.tag("model", model.name)) for number, model in models.items()}
    for row in old.people():
        person = old.open_person(row)
        new.put_person(person, row.number)
        old.reseal_images(new, row.number, row.tag, new.cipher.tag("person", person.person_id))
        for number, model, template in old.open_templates(row, models):
            if template is not None:  # a damaged one can't be read under any key, so it stays as it is
                new.replace_template(number, renamed[model.number], template, active=person.active)
    old.reseal_images(new, None, NOBODY, NOBODY)
    for model in renamed.values():
        new.put_model(model)
    for name in old.secret_names():
        new.put_secret(name, old.secret(name))
