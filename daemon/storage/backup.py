"""Backup and restore of the people while the daemon runs.

A backup holds what the store means, not its file: items of length (4, little-endian) | kind (1) | content inside an
encrypted file. It is one moment of the store, independent of its keys and of its schema, and it includes the
store's secrets: the transform's, without which the templates would compare with nothing, the receipts', and the local
one, for a terminal that keeps the files beside the store.
"""

import json
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from daemon.errors import BackupError, StoreError
from daemon.storage.backupfile import LOG_COST, SealedWriter, read_sealed, replacing
from daemon.storage.records import pack_person, pack_template, unpack_person, unpack_template
from daemon.storage.session import LOCAL, ModelRow, Session
from daemon.storage.store import Store
from daemon.storage.vault import Unauthentic

FORMAT = 1
_ITEM = struct.Struct("<IB")
_HEAD, _SECRET, _PERSON, _TEMPLATE, _END = range(1, 6)


@dataclass(frozen=True)
class Backup:
    """What is in a backup. `damaged` counts the people and templates left out, being unreadable in the store."""

    created: datetime
    models: tuple[str, ...]
    people: int
    templates: int
    damaged: int = 0


def write_backup(store: Store, path: Path, *, passphrase: str, log_cost: int = LOG_COST) -> Backup:
    """Write the store as it is at this moment; it is whole under `path`, or what was there before stays.

    Raises BackupError for what can't be written or a short passphrase, StoreError for what can't be read.
    """
    with replacing(path) as file, store.file.reading() as session:
        writer = SealedWriter(file=file, passphrase=passphrase, log_cost=log_cost)
        used = {number for (number,) in session.connection.execute("SELECT DISTINCT model FROM template")}
        models = [model for model in session.models() if model.number in used]
        created = datetime.now(timezone.utc)
        head = {"format": FORMAT, "created": created.isoformat(), "models": [model.name for model in models]}
        _put(writer, _HEAD, json.dumps(head).encode())
        for name in session.secret_names():
            _put(writer, _SECRET, name.encode().ljust(16) + session.secret(name))
        people, templates, damaged = _put_people(writer, session, models)
        _put(writer, _END, struct.pack("<QQQ", people, templates, damaged))
        writer.finish()
    return Backup(created, tuple(model.name for model in models), people, templates, damaged)


def verify_backup(path: Path, *, passphrase: str) -> Backup:
    """Read and check a whole backup, and tell what is in it. Raises BackupError."""
    with _opened(path, passphrase) as contents:
        for _ in contents.records():
            pass
        return contents.summary()


def restore_backup(
    store: Store,
    path: Path,
    *,
    passphrase: str,
    model: str,
    keep_stale: bool = False,
    beside: Callable[[bytes], bool] = lambda _: False,
) -> Backup:
    """Put a backup's people in place of all that the store holds, in one transaction: wholly, or not at all.

    Running daemons take it up with their next refresh. `model` is what this terminal runs: a backup with templates of
    another one is refused unless `keep_stale`, which keeps them unmatched. The store's local secret stays, unless
    `beside` says that the files beside the store were made under the backup's: it is then their own store that comes
    back. Raises BackupError, StoreError.
    """
    with _opened(path, passphrase) as contents:
        others = [name for name in contents.models if name != model]
        if others and not keep_stale:
            raise BackupError(
                f"{path}: holds templates of {', '.join(others)}, and this terminal runs {model}, another space; "
                "nothing was restored. Restore on that model, or keep them for re-enrolment with --keep-stale"
            )
        with store.file.writing() as session:
            own = _own_secret(session)
            session.connection.execute("DELETE FROM secret WHERE name = ?", (LOCAL,))
            _replace_people(session, contents)
            brought = session.local_secret()
            if own is None or beside(brought):
                session.connection.execute("DELETE FROM departure")  # hashed under the secret that goes
                own = brought
            session.put_secret(LOCAL, own)
            summary = contents.summary()
    store.file.empty_log()
    return summary


class _Contents:
    """What an opened backup yields, checked as it comes."""

    def __init__(self, *, items: Iterator[tuple[int, bytes]], name: str) -> None:
        self._items = items
        self._name = name
        self._counts = {_SECRET: 0, _PERSON: 0, _TEMPLATE: 0}
        self._end: tuple[int, ...] | None = None
        kind, content = next(items, (0, b""))
        head = json.loads(content) if kind == _HEAD else {}
        if head.get("format") != FORMAT:
            raise BackupError(f"{name}: of a newer release (format {head.get('format')}); update this one first")
        self.created = datetime.fromisoformat(head["created"])
        self.models = tuple(head["models"])

    def records(self) -> Iterator[tuple[int, bytes]]:
        """The secrets, people and templates with their kinds."""
        for kind, content in self._items:
            if kind == _END:
                self._end = struct.unpack("<QQQ", content)
                continue
            self._counts[kind] += 1
            yield kind, content

    def summary(self) -> Backup:
        """What has come; everything must have. Raises BackupError."""
        found = (self._counts[_PERSON], self._counts[_TEMPLATE])
        if self._end is None or self._end[:2] != found:
            raise BackupError(f"{self._name}: incomplete; nothing was restored. Use another backup")
        return Backup(self.created, self.models, *self._end)


@contextmanager
def _opened(path: Path, passphrase: str) -> Iterator[_Contents]:
    try:
        with path.open("rb") as file:
            yield _Contents(items=_items(read_sealed(file, passphrase, str(path))), name=str(path))
    except OSError as error:
        raise BackupError(f"{path}: can't be read: {error.strerror}; nothing was restored") from error
    except (KeyError, ValueError, struct.error) as error:
        raise BackupError(f"{path}: not what this release writes ({error}); nothing was restored") from error


def _items(pieces: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    pending = bytearray()
    for piece in pieces:
        pending += piece
        start = 0
        while len(pending) >= start + _ITEM.size:
            size, kind = _ITEM.unpack_from(pending, start)
            content = start + _ITEM.size
            if len(pending) < content + size:
                break
            yield kind, bytes(pending[content : content + size])
            start = content + size
        del pending[:start]


def _replace_people(session: Session, contents: _Contents) -> None:
    session.connection.execute("DELETE FROM person")
    session.connection.execute("DELETE FROM model")
    # The site's newer changes, erasures among them, must win over what the backup holds: it joins the site anew.
    session.connection.execute("DELETE FROM share")
    session.connection.execute("DELETE FROM share_state")
    models = [session.need_model(name) for name in contents.models]
    number, active = 0, True
    for kind, content in contents.records():
        if kind == _SECRET:
            session.put_secret(content[:16].decode().rstrip(), content[16:])
        elif kind == _PERSON:
            person = unpack_person(content, templates=0)
            number, active = session.put_person(person, None), person.active
        else:
            (index,) = struct.unpack_from("<H", content)
            session.put_templates(number, models[index], [unpack_template(content[2:])], active=active)


def _own_secret(session: Session) -> bytes | None:
    try:
        return session.local_secret()
    except StoreError:
        return None  # a damaged one is what a restore is for


def _put_people(writer: SealedWriter, session: Session, models: list[ModelRow]) -> tuple[int, int, int]:
    by_number = {model.number: model for model in models}
    order = {model.number: index for index, model in enumerate(models)}
    people = templates = damaged = 0
    for row in session.people():
        try:
            _put(writer, _PERSON, pack_person(session.open_person(row)))
        except Unauthentic:
            damaged += 1 + row.templates
            continue
        people += 1
        for _, model, template in session.open_templates(row, by_number):
            if template is None:
                damaged += 1
            else:
                _put(writer, _TEMPLATE, struct.pack("<H", order[model.number]) + pack_template(template))
                templates += 1
    return people, templates, damaged


def _put(writer: SealedWriter, kind: int, content: bytes) -> None:
    writer.write(_ITEM.pack(len(content), kind) + content)
