"""The ids of commands that were admitted, on disk, so that a restart does not obey one twice."""

import os
import sqlite3
import threading
from pathlib import Path

from daemon.errors import StoreError
from daemon.mqtt.commands import Memory

_TABLE = (
    "CREATE TABLE IF NOT EXISTS seen (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, until REAL NOT NULL) STRICT"
)


class CommandLog:
    """Remembers the last `limit` ids, also those that are out of time: a clock that is set back reopens nothing.

    When all of them are still fresh there is no room, and new commands must be refused. Any thread may call any method.
    Methods raise StoreError when the file can't be used.
    """

    def __init__(self, *, path: Path, limit: int = 1000) -> None:
        self._path, self._limit = path, limit
        self._lock = threading.Lock()
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._prepare()
        except (sqlite3.Error, OSError) as error:
            raise self._explained(error) from error

    def remember(self, command_id: str, *, now: float, until: float) -> Memory:
        """Note an id that stays fresh until Unix time `until`; on disk when this answers NEW."""
        with self._lock:
            try:
                return self._remember(command_id, now, until)
            except sqlite3.Error as error:
                raise self._explained(error) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _prepare(self) -> None:
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute(_TABLE)
        except sqlite3.Error:
            self._db.close()
            raise

    def _remember(self, command_id: str, now: float, until: float) -> Memory:
        if self._db.execute("SELECT 1 FROM seen WHERE id = ?", (command_id,)).fetchone():
            return Memory.KNOWN
        (count,) = self._db.execute("SELECT count(*) FROM seen").fetchone()
        oldest = self._db.execute("SELECT number, until FROM seen ORDER BY number LIMIT 1").fetchone()
        if count >= self._limit and oldest[1] >= now:
            return Memory.FULL
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            if count >= self._limit:
                self._db.execute("DELETE FROM seen WHERE number = ?", (oldest[0],))
            self._db.execute("INSERT INTO seen (id, until) VALUES (?, ?)", (command_id, until))
        return Memory.NEW

    def _explained(self, error: Exception) -> StoreError:
        return StoreError(
            f"{self._path}: the memory of commands can't be used: {error}; no command is obeyed. Check that the disk is"
            " not full and that the file belongs to the daemon's user"
        )
