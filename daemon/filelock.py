"""One process or thread at a time, by a lock on a file."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from daemon.errors import StoreError

_NOT_WRITABLE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait for the lock and hold it; the file stays, empty. Not for use within itself.

    Where this process may not write there is nothing to lock: what it could read, it can read without. Raises
    StoreError.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno not in _NOT_WRITABLE:
            raise StoreError(f"{path}: can't be locked: {error.strerror}; check the disk and the folder") from error
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
