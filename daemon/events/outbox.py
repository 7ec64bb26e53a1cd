"""The durable queue of events between the terminal and the broker: on disk before anything is published."""

import errno
import json
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uuid_utils

from daemon.errors import StoreError
from daemon.timestamps import to_iso

log = logging.getLogger(__name__)

MAX_PAYLOAD_BYTES = 16 * 1024
MIN_LIMIT = 10
# What ages within this share of the maximum age goes with what is too old, and is told with it.
_AGED_TOGETHER = 1 / 30
SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    topic TEXT NOT NULL,
    payload TEXT NOT NULL,
    appended REAL NOT NULL,
    ran REAL NOT NULL,
    confirmed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX unconfirmed ON event (seq) WHERE confirmed = 0;
CREATE INDEX history ON event (seq) WHERE confirmed = 1;
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT INTO counter VALUES ('lost', 0);
"""
_DISK_ERRNOS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
# Python 3.10 has no numbers for SQLite's errors.
_DISK_WORDS = ("full", "disk i/o error", "readonly", "unable to open")
_COLUMNS = "seq, event_id, topic, payload, appended"


@dataclass(frozen=True)
class StoredEvent:
    """An event as it lies on disk.

    `topic` is the last part of the MQTT topic, `payload` holds `event_id`, `seq` and `device` besides what was
    appended, `appended` is Unix time in seconds.
    """

    seq: int
    event_id: str
    topic: str
    payload: Mapping[str, object]
    appended: float


class Outbox:
    """Events that the broker has not confirmed, in order, and a bounded history of those that it has.

    Every event gets a UUIDv7 and the next number of a sequence without gaps, which survives restarts, power cuts (WAL,
    synchronous FULL) and the deletion of everything. At most `limit` (>= 10) unconfirmed events are kept, and none
    older than `max_age_seconds`; the age counts the seconds that the terminal ran, so that a clock that jumps when the
    network comes up discards nothing. When the oldest have to go, `lost` counts them and an `alarm` event tells which.
    Where no broker is `awaited` nothing is lost by it: only the number is bounded, and neither is told.

    On a disk that is full or read-only at the start it is `losing`, and each call tries again to open the file.

    Any thread may call any method: one connection, guarded by a lock. Methods raise StoreError when the file can't be
    used; ValueError when a payload is not JSON or longer than 16 KiB.
    """

    def __init__(
        self,
        *,
        path: Path,
        device_id: str,
        limit: int,
        max_age_seconds: float,
        history: int = 1000,
        awaited: bool = True,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if limit < MIN_LIMIT:
            raise ValueError(f"limit: must be at least {MIN_LIMIT}, not {limit}")
        self._path, self._device_id = path, device_id
        self._limit, self._max_age, self._history = limit, max_age_seconds, history
        self._awaited = awaited
        self._clock, self._monotonic = clock, monotonic
        self._lock = threading.Lock()
        self._started = monotonic()
        self._losing = False
        self._is_open = self._closed = False
        self._ran_before, self._unconfirmed, self._lost = 0.0, 0, 0
        with self._explained("opened"):
            try:
                self._open()
            except (sqlite3.OperationalError, OSError) as error:
                if not _disk_refuses(error):
                    raise
                self._losing = True
                log.error("%s: events are lost until it can be opened: %s; see `df` and `dmesg`", path, error)

    @property
    def unconfirmed(self) -> int:
        """How many events wait for the broker."""
        return self._unconfirmed

    @property
    def lost(self) -> int:
        """How many events ever had to go unsent."""
        return self._lost

    @property
    def losing(self) -> bool:
        """Whether the last event could not be written."""
        return self._losing

    def append(self, topic: str, payload: Mapping[str, object]) -> StoredEvent:
        """Put an event at the end; it is on disk when this returns. `topic` is the part after `<base>/<device>/`."""
        try:
            with self._transaction("written"):
                self._trim()
                stored = self._insert(topic, payload)
        except StoreError:
            self._losing = True
            raise
        self._losing = False
        return stored

    def pending(self, limit: int, *, after: int = 0) -> list[StoredEvent]:
        """The oldest unconfirmed events with a sequence number above `after`, in order."""
        query = f"SELECT {_COLUMNS} FROM event WHERE confirmed = 0 AND seq > ? ORDER BY seq LIMIT ?"
        return self._select(query, (after, limit))

    def recent(self, limit: int, *, before: int | None = None) -> list[StoredEvent]:
        """The newest events with a sequence number below `before`, newest first, confirmed or not."""
        query = f"SELECT {_COLUMNS} FROM event WHERE seq < ? ORDER BY seq DESC LIMIT ?"
        return self._select(query, (before if before is not None else 2**62, limit))

    def confirm(self, sequence: Iterable[int]) -> None:
        """Take events that the broker has out of the queue (all in one transaction); unknown numbers are ignored.

        Not waited for on the disk: what a power cut forgets is sent again, and an append never waits for it either.
        """
        with self._transaction("written", durable=False):
            done = self._db.executemany(
                "UPDATE event SET confirmed = 1 WHERE seq = ? AND confirmed = 0", [(seq,) for seq in sequence]
            )
            self._unconfirmed -= max(done.rowcount, 0)
            self._db.execute(
                "DELETE FROM event WHERE confirmed = 1 AND seq <="
                " (SELECT seq FROM event WHERE confirmed = 1 ORDER BY seq DESC LIMIT 1 OFFSET ?)",
                (self._history,),
            )

    def close(self) -> None:
        """Close the file; every later call raises StoreError."""
        with self._lock:
            self._closed = True
            if self._is_open:
                self._db.close()

    def _open(self) -> None:
        """Does nothing where it was done before."""
        if self._is_open:
            return
        if self._closed:
            raise sqlite3.ProgrammingError("it was closed")
        db = _open(self._path)
        try:
            (self._ran_before,) = db.execute("SELECT ifnull(max(ran), 0.0) FROM event").fetchone()
            (self._unconfirmed,) = db.execute("SELECT count(*) FROM event WHERE confirmed = 0").fetchone()
            (self._lost,) = db.execute("SELECT value FROM counter WHERE name = 'lost'").fetchone()
        except BaseException:
            db.close()
            raise
        self._db, self._is_open = db, True

    def _ran(self) -> float:
        return self._ran_before + self._monotonic() - self._started

    def _insert(self, topic: str, payload: Mapping[str, object]) -> StoredEvent:
        event_id = str(uuid_utils.uuid7())
        appended = self._clock()
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'").fetchone()
        seq = (row[0] if row else 0) + 1
        names: dict[str, object] = {"event_id": event_id, "seq": seq, "device": self._device_id}
        whole = {**names, **payload, **names}
        text = encode(whole)
        self._db.execute(
            "INSERT INTO event (seq, event_id, topic, payload, appended, ran) VALUES (?, ?, ?, ?, ?, ?)",
            (seq, event_id, topic, text, appended, self._ran()),
        )
        self._unconfirmed += 1
        return StoredEvent(seq, event_id, topic, whole, appended)

    def _trim(self) -> None:
        """Make room for one event, and for the event that tells what was lost.

        Under a long outage every event would push one out, or age as the next one comes: a thousandth of the queue, or
        a thirtieth of the time, goes at once, so that the telling does not become the traffic.
        """
        too_old = self._count_too_old() if self._awaited else 0
        over = max(2, self._limit // 1000) if self._unconfirmed - too_old >= self._limit else 0
        if not (count := too_old + over):
            return
        doomed = "SELECT seq FROM event WHERE confirmed = 0 ORDER BY seq LIMIT ?"
        first, last = self._db.execute(f"SELECT min(seq), max(seq) FROM ({doomed})", (count,)).fetchone()
        self._db.execute("DELETE FROM event WHERE confirmed = 0 AND seq <= ?", (last,))
        self._unconfirmed -= count
        if self._awaited:
            self._tell_lost(count, first, last)

    def _tell_lost(self, count: int, first: int, last: int) -> None:
        self._db.execute("UPDATE counter SET value = value + ? WHERE name = 'lost'", (count,))
        self._lost += count
        report = {"alarm": "events_lost", "lost": count, "lost_total": self._lost, "first_seq": first, "last_seq": last}
        self._insert("alarm", {"schema": 1, "captured": to_iso(self._clock()), **report})

    def _count_too_old(self) -> int:
        horizon = self._ran() - self._max_age
        # The running time grows with the sequence: as long as the oldest is young enough, nothing has to be counted.
        oldest = self._db.execute("SELECT ran FROM event WHERE confirmed = 0 ORDER BY seq LIMIT 1").fetchone()
        if oldest is None or oldest[0] >= horizon:
            return 0
        aged = "SELECT count(*) FROM event WHERE confirmed = 0 AND ran < ?"
        return int(self._db.execute(aged, (horizon + self._max_age * _AGED_TOGETHER,)).fetchone()[0])

    def _select(self, query: str, values: tuple[int, int]) -> list[StoredEvent]:
        with self._lock, self._explained("read"):
            self._open()
            rows = self._db.execute(query, values).fetchall()
        return [StoredEvent(seq, event_id, topic, json.loads(text), at) for seq, event_id, topic, text, at in rows]

    @contextmanager
    def _transaction(self, doing: str, *, durable: bool = True) -> Iterator[None]:
        with self._lock, self._explained(doing):
            self._open()
            before = self._unconfirmed, self._lost
            try:
                self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
            except BaseException:
                self._unconfirmed, self._lost = before
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _explained(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"{self._path}: the events can't be {doing}: {error}; check that the disk is not full and that the file"
                " belongs to the daemon's user, or move it away (events in it that were not sent are lost)"
            ) from error


def encode(payload: Mapping[str, object]) -> str:
    """One line of JSON. Raises ValueError for what JSON can't hold and for more than 16 KiB."""
    try:
        text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise ValueError(f"payload: {error}") from error
    if len(text.encode()) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"payload: {len(text.encode())} bytes, at most {MAX_PAYLOAD_BYTES} are allowed")
    return text


def _disk_refuses(error: sqlite3.OperationalError | OSError) -> bool:
    if isinstance(error, OSError):
        return error.errno in _DISK_ERRNOS
    return any(word in str(error).lower() for word in _DISK_WORDS)


def _open(path: Path) -> sqlite3.Connection:
    # SQLite gives the WAL the same mode as the file: made here, so that neither is ever readable by others.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        _make_tables(db)
    except BaseException:
        db.close()
        raise
    return db


def _make_tables(db: sqlite3.Connection) -> None:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise sqlite3.DatabaseError(f"it was written by a newer version (schema {version}, known is {SCHEMA_VERSION})")
    if version == 0:
        db.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}PRAGMA user_version = {SCHEMA_VERSION};COMMIT;")
