"""A folder of backups, of which the newest are kept."""

import re
from datetime import datetime, timezone
from pathlib import Path

from daemon.drafts import remove_stale_drafts
from daemon.errors import BackupError
from daemon.storage.backup import Backup, verify_backup, write_backup
from daemon.storage.backupfile import LOG_COST
from daemon.storage.store import Store

_NAME = re.compile(r"people-\d{8}T\d{6}Z\.backup")


def add_backup(
    store: Store, folder: Path, *, passphrase: str, keep: int, now: datetime, log_cost: int = LOG_COST
) -> tuple[Path, Backup]:
    """Write one more, named after its time, read it back, and only then remove all but the `keep` (>= 1) newest.

    One of the future was written while the clock was ahead, before those of the past: it goes before them. Files of
    other names are left alone, but for the drafts of backups that were killed. Raises BackupError and StoreError as
    `write_backup` does.
    """
    path = folder / f"people-{now.astimezone(timezone.utc):%Y%m%dT%H%M%SZ}.backup"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_stale_drafts(folder)
        write_backup(store, path, passphrase=passphrase, log_cost=log_cost)
        written = verify_backup(path, passphrase=passphrase)
        # The one just written comes first, even after a clock that went back, and those of the future last.
        for old in sorted(backups(folder), key=lambda file: file.name > path.name)[keep:]:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise BackupError(f"{folder}: {error.strerror}; expected a folder that this user may write into") from error
    return path, written


def backups(folder: Path) -> list[Path]:
    """Those that there are, the newest first."""
    return sorted((file for file in folder.iterdir() if _NAME.fullmatch(file.name)), reverse=True)
