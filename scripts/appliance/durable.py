"""System calls of Linux that Python has no name for: what is to survive a power cut, and what is to change at once."""

import ctypes
import os
from pathlib import Path

_EXCHANGE = 2  # RENAME_EXCHANGE
_HERE = -100  # AT_FDCWD


def sync_all(folder: Path) -> None:
    """Put all of the folder's file system on the medium: syncfs(2). Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _check(ctypes.CDLL(None, use_errno=True).syncfs(descriptor), folder)
    finally:
        os.close(descriptor)


def exchange(one: Path, other: Path) -> None:
    """Let two paths change places in one step: renameat2(2). Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    _check(libc.renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE), other)


def _check(result: int, path: Path) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(path))
