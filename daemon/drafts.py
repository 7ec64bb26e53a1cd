"""Files that are written under a name of their own and take their place whole; what a kill leaves is swept away."""

import os
import re
import secrets
import time
from contextlib import suppress
from pathlib import Path

from daemon.errors import StoreError

# Younger ones may be another process's that is at work.
_STALE_SECONDS = 3600.0
_NAME = re.compile(r".+\.[0-9a-f]{8}\.draft(-wal|-shm|-journal)?")


def draft_of(path: Path) -> Path:
    """A new name beside `path`."""
    return path.with_name(f"{path.name}.{secrets.token_hex(4)}.draft")


def remove_stale_drafts(folder: Path, *, now: float | None = None) -> int:
    """Remove the drafts of a folder that are older than an hour (`now`: Unix seconds); gives how many.

    What can't be read or removed stays, silently: a draft harms nobody.
    """
    count = 0
    last = (time.time() if now is None else now) - _STALE_SECONDS
    with suppress(OSError):
        for file in folder.iterdir():
            with suppress(OSError):
                if _NAME.fullmatch(file.name) and file.is_file() and file.stat().st_mtime < last:
                    file.unlink()
                    count += 1
    return count


def write_whole(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace a file so that a power cut leaves the old one or the new one. Raises StoreError."""
    draft = path.with_name(path.name + ".new")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise StoreError(f"{path}: can't be written: {error}; check the disk and the folder's owner") from error


def sync_folder(folder: Path) -> None:
    """Make a rename or a new name in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
