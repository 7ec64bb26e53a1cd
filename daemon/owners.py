"""Whose a file is, for whoever may not use it."""

import grp
import pwd
import stat
from contextlib import suppress
from pathlib import Path


def whose(path: Path) -> str:
    """To whom belongs what bars the way to `path`, itself or the folder that may not be looked into; and what to do."""
    for barrier in (path, *path.absolute().parents):
        with suppress(OSError):
            status = barrier.stat()
            owners = f"user {_user(status.st_uid)} and group {_group(status.st_gid)}"
            return f"{barrier} belongs to {owners}, mode {stat.S_IMODE(status.st_mode):04o}; use sudo"
    return "use sudo"


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
