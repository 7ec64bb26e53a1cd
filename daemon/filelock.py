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


@contextmanager
def alone(path: Path, *, refusal: str) -> Iterator[None]:
    """Hold the lock, without waiting for it; it ends with the process, however that ends. The file stays, empty.

    Where the file can't be made (a read-only or full disk) there is no lock: what is wrong with the folder is said by
    who needs it. Raises StoreError with `refusal` when somebody else holds it.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        yield
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(refusal) from None
        yield
    finally:
        os.close(descriptor)
