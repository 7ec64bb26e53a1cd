"""The SQLite file under the store: how it is made, opened, read beside a writer, and what its failures mean."""

import errno
import logging
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from daemon.drafts import draft_of, sync_folder
from daemon.errors import StoreError

_log = logging.getLogger(__name__)

_BUSY_MS = 5000
_WRITABLE, _IMMUTABLE = "mode=rw", "immutable=1"
_PAGE_BYTES = 8192  # three templates of 512 float32 to a page; 4096 would hold one and waste the rest
_MEANINGS = (
    (
        "not a database",
        "not a store, or its beginning is damaged; nothing was changed. Restore a backup into another folder",
    ),
    ("malformed", "a page is damaged; nothing was changed. Copy the file away and restore a backup"),
    ("full", "the disk is full; nothing was stored. Free some space and try again"),
    (
        "disk i/o error",
        "the disk can't be read or written (full or failing?); nothing was stored. See `dmesg` and `df`",
    ),
    ("readonly", "can't be written: the disk is full or read-only, or the file is another user's; nothing was stored"),
    ("unable to open", "can't be opened: see that the folder exists and belongs to the daemon's user, mode 0700"),
    ("locked", f"another process kept it locked for {_BUSY_MS // 1000} s; nothing was stored. Try again"),
)


@contextmanager
def named_failures(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into StoreErrors that name the file, what is wrong with it and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        text = str(error)
        for word, meaning in _MEANINGS:
            if word in text.lower():
                raise StoreError(f"{path}: {meaning} ({text})") from error
        raise StoreError(f"{path}: {text}") from error


def create(path: Path, build: Callable[[sqlite3.Connection], None]) -> None:
    """Make a new file, whole or not at all: a name of its own first, so that an empty file under `path` is never ours.

    Where another process was first, its file stays. Raises StoreError.
    """
    draft = draft_of(path)
    try:
        _make_folder(path.parent)
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with named_failures(path):
            connection = sqlite3.connect(draft, isolation_level=None)
            try:
                connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
                connection.execute("PRAGMA journal_mode = WAL")
                build(connection)
            finally:
                connection.close()
        os.link(draft, path)
        sync_folder(path.parent)
    except FileExistsError:
        return
    except OSError as error:
        raise StoreError(
            f"{path}: can't be made: {error.strerror}; the folder must belong to the daemon's user"
        ) from error
    finally:
        for leftover in (draft, Path(f"{draft}-wal"), Path(f"{draft}-shm")):
            with suppress(OSError):
                leftover.unlink()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        # Not to be taken for a store that another process was first to make.
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from None


class Database:
    """One writer at a time, and readers that wait for nobody: each reading gets a connection of its own.

    On a read-only file system, and on a full one that has no room for SQLite's own files, it opens for reading alone
    (`writable` is False): each writing tries whether that has passed, and so does each reading.
    Raises StoreError for a file that can't be opened or isn't a database.
    """

    def __init__(self, *, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._idle: deque[sqlite3.Connection] = deque()
        self._closed = False
        with named_failures(path):
            if path.stat().st_size == 0:
                raise sqlite3.DatabaseError("file is empty, so not a database")
            self._mode = self._find_mode()
            self._writer = self._connect()

    @property
    def writable(self) -> bool:
        return self._mode == _WRITABLE

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A consistent view for as long as the context lasts. Raises StoreError."""
        with named_failures(self.path):
            connection, mode = self._take()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._give_back(connection, mode)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction, on disk when the context ends and undone when it fails. Raises StoreError."""
        with named_failures(self.path), self._lock:
            self._try_to_recover()
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def exclusive(self) -> Iterator[sqlite3.Connection]:
        """The writer's connection outside a transaction, for set-up. Raises StoreError."""
        with named_failures(self.path), self._lock:
            yield self._writer

    def empty_log(self) -> bool:
        """Move the write-ahead log into the file and cut it to nothing; what was committed stays so either way.

        False when a reader kept it in use, or the disk refused (a full one, often): the next time does both.
        """
        with named_failures(self.path), self._lock:
            try:
                busy = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            except sqlite3.OperationalError as error:
                _log.warning("%s: the log is not emptied yet, so what was erased is still in it: %s", self.path, error)
                return False
        return not busy

    def close(self) -> None:
        """Close every connection; further use fails with StoreError."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()
            self._writer.close()

    def _find_mode(self) -> str:
        try:
            connection = self._for_writing()
            if connection is not None:
                connection.close()
                return _WRITABLE
        except sqlite3.OperationalError:
            return _WRITABLE  # another process is about to finish what it writes
        # immutable is SQLite's way to read a WAL file where its -shm can't be made; it would overlook a filled log.
        log = Path(f"{self.path}-wal")
        return "mode=ro" if log.exists() and log.stat().st_size else _IMMUTABLE

    def _for_writing(self) -> sqlite3.Connection | None:
        """None where the file system takes no writing; raises if another process keeps the file locked."""
        try:
            return self._connect(_WRITABLE)
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise
            return None

    def _connect(self, mode: str | None = None) -> sqlite3.Connection:
        address = f"{self.path.absolute().as_uri()}?{mode or self._mode}"
        connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
        try:
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if mode == _WRITABLE:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
        except BaseException:
            connection.close()
            raise
        return connection

    def _take(self) -> tuple[sqlite3.Connection, str]:
        if self._closed:
            raise sqlite3.ProgrammingError("the store is closed")
        if not self.writable:
            with self._lock:
                self._try_to_recover()
        mode = self._mode
        try:
            return self._idle.pop(), mode
        except IndexError:
            return self._connect(), mode

    def _try_to_recover(self) -> None:
        # Each time: an immutable file must not change, so nothing may be read after another process could write it.
        writer = None if self.writable or self._closed else self._for_writing()
        if writer is not None:
            self._writer.close()
            self._writer, self._mode = writer, _WRITABLE
            _log.info("%s: can be written again", self.path)

    def _give_back(self, connection: sqlite3.Connection, mode: str) -> None:
        if self._closed or mode != _WRITABLE:
            connection.close()
        else:
            self._idle.append(connection)
