"""Keys, backups, audit trail and log of the terminal: /device/keys, /device/backups, /device/audit, /device/logs."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import anyio

from daemon.api.administration_bodies import (
    AuditEntry,
    AuditPage,
    BackupBody,
    BackupList,
    KeyBody,
    KeyList,
    LogLevel,
    LogLevelSet,
    LogLineBody,
    LogPage,
    MadeKey,
    NewBackup,
    NewKey,
)
from daemon.api.events import attachment
from daemon.api.failures import ApiError
from daemon.api.operations import Call, NoBody, Stream
from daemon.api.parameters import GREATEST, LONGEST_PAGE, PAGE, number, word, words
from daemon.audit import AuditTrail
from daemon.console.backups import BackupFolder, KeptBackup
from daemon.errors import ApiKeyError, AuditError, LogLevelError
from daemon.keys import ApiKey, KeyRing, with_implied
from daemon.logs import KEPT, LEVELS, LevelName, LogKeeper, set_level
from daemon.signing import Algorithm
from daemon.timestamps import to_iso

_PIECE = 64 * 1024


class KeyCalls:
    """Handlers of the calls on keys."""

    def __init__(self, *, keys: KeyRing) -> None:
        self._keys = keys

    def all(self, _call: Call, _body: NoBody) -> KeyList:
        return KeyList(keys=[_key_body(key) for key in self._keys.all()])

    def create(self, call: Call, body: NewKey) -> MadeKey:
        """Raises ApiError A_003 for a permission that the caller lacks, R_013."""
        if call.caller is None or not with_implied(body.permissions) <= call.caller.permissions:
            raise ApiError("A_003", "the key may more than you; ask somebody who may all of it")
        algorithm = Algorithm.HMAC if body.signed else None
        try:
            made = self._keys.create(body.name, body.permissions, algorithm=algorithm)
        except ApiKeyError as error:
            # All else that it refuses is no body of this call.
            raise ApiError("R_013", str(error)) from None
        return MadeKey(**_key_body(made.key).model_dump(), key=made.value, secret=made.secret)

    def revoke(self, call: Call, _body: NoBody) -> KeyBody:
        """Raises ApiError NF_004."""
        try:
            return _key_body(self._keys.revoke(call.path["name"][:128]))
        except ApiKeyError:
            raise ApiError("NF_004", "there is no such key that works") from None


class BackupCalls:
    """Handlers of the calls on backups; restoring is for who is at the terminal."""

    def __init__(self, *, backups: BackupFolder) -> None:
        self._backups = backups

    def all(self, _call: Call, _body: NoBody) -> BackupList:
        """Raises BackupError."""
        return BackupList(backups=[_backup_body(backup) for backup in self._backups.all()])

    def make(self, _call: Call, body: NewBackup) -> BackupBody:
        """Raises BackupError, StoreError."""
        return _backup_body(self._backups.make(body.passphrase.get_secret_value()))

    def download(self, call: Call, _body: NoBody) -> Stream:
        """Raises ApiError NF_004."""
        path = self._backups.find(call.path["name"])
        if path is None:
            raise ApiError("NF_004", "there is no such backup")
        headers = {**attachment(path.name), "Content-Length": str(path.stat().st_size)}
        return Stream(_pieces(path), "application/octet-stream", headers)

    def remove(self, call: Call, _body: NoBody) -> BackupList:
        """Raises ApiError NF_004, BackupError."""
        if not self._backups.remove(call.path["name"]):
            raise ApiError("NF_004", "there is no such backup")
        return BackupList(backups=[_backup_body(backup) for backup in self._backups.all()])


class RecordCalls:
    """Handlers of the calls on the audit trail and the log."""

    def __init__(self, *, audit: AuditTrail, logs: LogKeeper) -> None:
        self._audit, self._logs = audit, logs

    def audit(self, call: Call, _body: NoBody) -> AuditPage:
        """Raises ApiError R_011, AuditError."""
        limit = number(call, "limit", usual=PAGE, most=LONGEST_PAGE)
        before = number(call, "before", usual=GREATEST, most=GREATEST)
        lines = [json.loads(text) for text in self._audit.page(limit=limit, before=before, who=words(call, "who"))]
        verified, problem = self._verified() if word(call, "verify", known=_YES) else (None, None)
        entries = [AuditEntry(at=line.pop("time"), **line) for line in lines]
        following = entries[-1].seq if len(entries) == limit and entries[-1].seq > 1 else None
        return AuditPage(entries=entries, next=following, verified=verified, problem=problem)

    def logs(self, call: Call, _body: NoBody) -> LogPage:
        """Raises ApiError R_011."""
        limit = number(call, "limit", usual=200, most=KEPT)
        level = cast("LevelName", word(call, "level", known=frozenset(LEVELS)) or "debug")
        lines = [
            LogLineBody(at=to_iso(line.at), level=line.level, logger=line.logger, message=line.text)
            for line in self._logs.lines(limit, level=level)
        ]
        return LogPage(lines=lines, level=_level())

    def set_level(self, _call: Call, body: LogLevel) -> LogLevelSet:
        """Raises ApiError R_002 for a logger that there is not."""
        try:
            set_level(body.level, logger=body.logger)
        except LogLevelError:
            raise ApiError("R_002", "logger: no such logger of ours; such as daemon.mqtt") from None
        return LogLevelSet(level=_level())

    def _verified(self) -> tuple[bool, str | None]:
        try:
            self._audit.verify()
        except AuditError as error:
            return False, str(error)
        return True, None


_YES = frozenset({"true"})


def _level() -> LevelName:
    now = logging.getLogger().getEffectiveLevel()
    return next((name for name, value in LEVELS.items() if value >= now), "error")


def _key_body(key: ApiKey) -> KeyBody:
    return KeyBody(
        name=key.name,
        id=key.id,
        permissions=sorted(key.permissions),
        algorithm=key.algorithm,
        created=to_iso(key.created),
        used=None if key.used is None else to_iso(key.used),
        revoked=None if key.revoked is None else to_iso(key.revoked),
    )


def _backup_body(backup: KeptBackup) -> BackupBody:
    return BackupBody(name=backup.name, created=to_iso(backup.created.timestamp()), bytes=backup.bytes)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        while piece := await file.read(_PIECE):
            yield piece
