"""The audit trail: who did what to whom when, chained so that no line can be altered or left out unnoticed.

Each line's MAC is an HMAC-SHA256, keyed with a secret of the store, of the line and of the MAC before it. Beside the
lines stand, under the same key, the numbers and MACs at both ends, so that a trail cut there shows too. Who can write
the file can put an older whole file back; they can't make, alter or leave out a line. No pictures, no templates.
"""

import hmac
import json
import math
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from daemon.errors import AuditError
from daemon.kept_time import FILE_NAME, KeptTime
from daemon.storage.store import Store
from daemon.timestamps import to_iso

STORE_LABEL = "auther audit trail"
DAY_SECONDS = 86_400.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS line (
    seq INTEGER PRIMARY KEY, written REAL NOT NULL, text TEXT NOT NULL, mac BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS ends (
    one INTEGER PRIMARY KEY CHECK (one = 1), first INTEGER NOT NULL, before BLOB NOT NULL, last INTEGER NOT NULL,
    mac BLOB NOT NULL, seal BLOB NOT NULL) STRICT;
CREATE TRIGGER IF NOT EXISTS append_only BEFORE UPDATE ON line
    BEGIN SELECT raise(ABORT, 'lines are never altered'); END;
"""


@dataclass(frozen=True)
class Entry:
    """Who (a key's name, or `console:` or `cli:` and a user) did what to whom, and what came of it.

    Whom: a person_id, a key's or user's name, keys of the configuration, an action.
    """

    who: str
    what: str
    whom: str | None
    result: str
    request_id: str | None = None


@dataclass(frozen=True)
class _Ends:
    """The number of the first line kept and the MAC before it; the number of the last line and its MAC."""

    first: int = 1
    before: bytes = b""
    last: int = 0
    mac: bytes = b""


class AuditTrail:
    """The trail in `path`. Any thread and any process may append; every method raises AuditError.

    `store_secret` is the store's sub-key of STORE_LABEL. With `keep_days` the first line appended, and one a day from
    then on, removes those that are older by the KeptTime beside the trail: the clock may jump.
    """

    def __init__(
        self,
        *,
        path: Path,
        store_secret: bytes,
        keep_days: float | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path, self._secret, self._keep_days, self._clock = path, store_secret, keep_days, clock
        self._kept = KeptTime(path=path.with_name(FILE_NAME), clock=clock)
        self._prune_at = -math.inf
        self._lock = threading.Lock()
        with self._explained():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.executescript(_SCHEMA)

    def append(self, entry: Entry, *, durable: bool = True) -> None:
        """Add a line; with `durable` it survives a power cut when this returns."""
        now = self._kept.now()
        if self._keep_days is not None and now >= self._prune_at:
            self._prune_at = now + DAY_SECONDS
            self.prune(older_than_days=self._keep_days)
        with self._transaction(durable=durable):
            ends = self._ends(self._db)
            seq = ends.last + 1
            text = json.dumps({"seq": seq, "time": to_iso(self._clock()), **vars(entry)})
            mac = self._mac(ends.mac, text)
            self._db.execute("INSERT INTO line VALUES (?, ?, ?, ?)", (seq, now, text, mac))
            self._put_ends(_Ends(ends.first, ends.before, seq, mac))

    def is_of_this_store(self) -> bool:
        """Whether lines were written, and under this secret."""
        with self._snapshot() as db:
            try:
                return self._ends(db) != _Ends()
            except AuditError:
                return False

    def lines(self, *, limit: int = -1) -> tuple[str, ...]:
        """The newest lines, oldest first, each a JSON object."""
        query = "SELECT text FROM (SELECT seq, text FROM line ORDER BY seq DESC LIMIT ?) ORDER BY seq"
        with self._explained(), self._lock:
            return tuple(text for (text,) in self._db.execute(query, (limit,)))

    def page(self, *, limit: int, before: int, who: str | None = None) -> tuple[str, ...]:
        """The newest lines with a number below `before`, newest first, each a JSON object; of one caller with `who`."""
        query = (
            "SELECT text FROM line WHERE seq < :before AND (:who IS NULL OR json_extract(text, '$.who') = :who)"
            " ORDER BY seq DESC LIMIT :limit"
        )
        with self._snapshot() as db:
            values = {"limit": limit, "before": before, "who": who}
            return tuple(text for (text,) in db.execute(query, values))

    def verify(self) -> int:
        """How many lines there are, each as it was written and in its place. Raises AuditError naming the first that
        isn't. Nobody who appends waits for it.
        """
        with self._snapshot() as db:
            ends = self._ends(db)
            seq, mac = ends.first - 1, ends.before
            for found, text, stated in db.execute("SELECT seq, text, mac FROM line ORDER BY seq"):
                seq += 1
                mac = self._mac(mac, text)
                if found != seq:
                    raise AuditError(f"{self._path}: line {seq} is missing; the next one there is {found}")
                if not hmac.compare_digest(mac, stated) or json.loads(text).get("seq") != seq:
                    raise AuditError(f"{self._path}: line {seq} is not as it was written")
        if (seq, mac) != (ends.last, ends.mac):
            raise AuditError(f"{self._path}: ends at line {seq}, but {ends.last} were written")
        return ends.last - ends.first + 1

    def prune(self, *, older_than_days: float) -> int:
        """Remove the oldest lines, as many as were written before that; gives how many."""
        horizon = self._kept.now() - older_than_days * DAY_SECONDS
        with self._transaction(durable=True):
            ends = self._ends(self._db)
            young = self._db.execute("SELECT min(seq) FROM line WHERE written >= ?", (horizon,)).fetchone()[0]
            first = ends.last + 1 if young is None else young
            if first <= ends.first:
                return 0
            (before,) = self._db.execute("SELECT mac FROM line WHERE seq = ?", (first - 1,)).fetchone() or (b"",)
            self._db.execute("DELETE FROM line WHERE seq < ?", (first,))
            self._put_ends(_Ends(first, before, ends.last, ends.mac))
        return first - ends.first

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _ends(self, db: sqlite3.Connection) -> _Ends:
        row = db.execute("SELECT first, before, last, mac, seal FROM ends").fetchone()
        if row is None:
            if db.execute("SELECT 1 FROM line LIMIT 1").fetchone():
                raise AuditError(f"{self._path}: the record of both ends was removed")
            return _Ends()
        ends = _Ends(*row[:4])
        if not hmac.compare_digest(self._seal(ends), row[4]):
            raise AuditError(f"{self._path}: the record of both ends is not as it was written, or of another store")
        return ends

    def _put_ends(self, ends: _Ends) -> None:
        values = (ends.first, ends.before, ends.last, ends.mac, self._seal(ends))
        self._db.execute("INSERT OR REPLACE INTO ends VALUES (1, ?, ?, ?, ?, ?)", values)

    def _mac(self, before: bytes, text: str) -> bytes:
        return hmac.digest(self._secret, b"line" + before + text.encode(), "sha256")

    def _seal(self, ends: _Ends) -> bytes:
        text = f"ends {ends.first} {ends.before.hex()} {ends.last} {ends.mac.hex()}"
        return hmac.digest(self._secret, text.encode(), "sha256")

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """The file as it is now, read by a connection of its own."""
        with self._explained(), closing(sqlite3.connect(self._path, isolation_level=None, timeout=5.0)) as db:
            db.execute("BEGIN")
            yield db

    @contextmanager
    def _transaction(self, *, durable: bool) -> Iterator[None]:
        with self._explained(), self._lock:
            self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise AuditError(
                f"{self._path}: the audit trail can't be used: {error}; check that the disk is not full and that the"
                " file belongs to the daemon's user"
            ) from error


def open_audit(folder: Path, store: Store, *, keep_days: float | None = None) -> AuditTrail:
    """The trail of a terminal, in the folder of its store. Raises AuditError, StoreError."""
    return AuditTrail(path=folder / "audit.db", store_secret=store.subkey(STORE_LABEL), keep_days=keep_days)
