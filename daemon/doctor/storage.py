"""The folder of the store: whose it is, who may look into it, whether there is room, and whether the store opens."""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from daemon.config.settings import Settings
from daemon.desk import open_store
from daemon.doctor.finding import Finding, fine, problem, warning
from daemon.storage.store import FILE_NAME

FULL_BYTES = 20_000_000
SCARCE_BYTES = 200_000_000


def look_at_storage(settings: Settings) -> Iterator[Finding]:
    """Changes nothing: a store that is not there is not made. Raises StoreError, OSError."""
    folder = settings.storage.folder
    if not folder.is_dir():
        yield problem(
            "storage", f"{folder}: no such folder", f"make it for the daemon's user: install -d -m 700 -o USER {folder}"
        )
        return
    yield from _look_at_permissions(folder)
    yield _look_at_space(folder)
    if (folder / FILE_NAME).exists():
        with closing(open_store(settings)) as store:
            yield fine("store", f"opens; {len(store.people())} people enrolled")
    else:
        yield warning("store", "nobody was ever enrolled here", "enrol with `auther enroll`")


def _look_at_permissions(folder: Path) -> Iterator[Finding]:
    mode = stat.S_IMODE(folder.stat().st_mode)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield problem("storage", f"{folder}: this user may not read and write it", "run as the daemon's user")
    elif mode & 0o077:
        yield warning("storage", f"{folder}: mode {mode:04o} lets other users in", f"chmod 700 {folder}")
    else:
        yield fine("storage", f"{folder}: mode {mode:04o}, writable")


def _look_at_space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e6:,.0f} MB free in {folder}"
    if free < FULL_BYTES:
        return problem("space", text, "make room: events and enrolments will be lost")
    return warning("space", text, "make room soon") if free < SCARCE_BYTES else fine("space", text)
