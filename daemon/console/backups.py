"""Backups in the folder of the state where `auther backup --into` has its own: named by their time alone."""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from daemon.drafts import remove_stale_drafts
from daemon.errors import BackupError
from daemon.storage.backup import write_backup
from daemon.storage.backup_folder import backups
from daemon.storage.backupfile import LOG_COST
from daemon.storage.store import Store

FOLDER = "backups"
MOST = 40
NAME = r"people-[0-9]{8}T[0-9]{6}Z\.backup"
_NAME = re.compile(NAME)
_TIME = "people-%Y%m%dT%H%M%SZ.backup"


@dataclass(frozen=True)
class KeptBackup:
    """A file; `created` is UTC."""

    name: str
    created: datetime
    bytes: int


class BackupFolder:
    """At most MOST backups; none is removed but by who says so. Raises BackupError."""

    def __init__(
        self,
        *,
        folder: Path,
        store: Store,
        clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        log_cost: int = LOG_COST,
    ) -> None:
        self._folder, self._store, self._clock, self._log_cost = folder, store, clock, log_cost
        self._making = threading.Lock()

    def all(self) -> Sequence[KeptBackup]:
        """Newest first."""
        try:
            found = [_kept(path) for path in backups(self._folder)]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise BackupError(f"{self._folder}: can't be read: {error.strerror}") from error
        return found

    def make(self, passphrase: str) -> KeptBackup:
        """Everybody, encrypted with the passphrase; one at a time. Also raises StoreError."""
        with self._making:
            return self._make(passphrase)

    def _make(self, passphrase: str) -> KeptBackup:
        if len(self.all()) >= MOST:
            raise BackupError(f"{MOST} backups are kept already; download and remove some first")
        path = self._folder / self._clock().strftime(_TIME)
        if path.exists():
            raise BackupError("a backup was made this very second; try again")
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise BackupError(f"{self._folder}: can't be made: {error.strerror}") from error
        remove_stale_drafts(self._folder)
        write_backup(self._store, path, passphrase=passphrase, log_cost=self._log_cost)
        return _kept(path)

    def find(self, name: str) -> Path | None:
        """The file of that name, if it is one of ours: no other path can be said."""
        path = self._folder / name if _NAME.fullmatch(name) else None
        return path if path is not None and path.is_file() else None

    def remove(self, name: str) -> bool:
        """Whether there was one."""
        path = self.find(name)
        if path is not None:
            path.unlink(missing_ok=True)
        return path is not None


def _kept(path: Path) -> KeptBackup:
    created = datetime.strptime(path.name, _TIME).replace(tzinfo=timezone.utc)
    return KeptBackup(path.name, created, path.stat().st_size)
