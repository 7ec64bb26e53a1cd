"""The table of what a terminal knows of its site's people: hashes and versions, also of those who were removed."""

from dataclasses import dataclass

from daemon.sharing.messages import SHARDS
from daemon.sharing.versions import Version
from daemon.storage.session import PersonRow, Session
from daemon.storage.vault import NONCE_BYTES

_ROW = "SELECT hash, person, seal, updated, version, removed, due FROM share"
_PERSON = """SELECT person, tag, active, record, (SELECT count(*) FROM template WHERE template.person = person.person)
    FROM person"""
_CHANGED = f"""SELECT person.person FROM person LEFT JOIN share ON share.person = person.person
    WHERE share.seal IS NOT substr(person.record, 1, {NONCE_BYTES}) AND person.person > ?
    ORDER BY person.person LIMIT ?"""


@dataclass(frozen=True)
class ShareRow:
    """What is known of a person under a keyed hash.

    `person` is the row's number in table person, None when they are removed. `seal` is the nonce of their record when
    it was last looked at, `updated` the person's time (µs) then: a record with another seal may have changed.
    `removed` (ms) is when they were removed here, until the version says so too. `due`: has to be published.
    """

    hash: bytes
    person: int | None
    seal: bytes
    updated: int
    version: Version
    removed: int | None = None
    due: bool = False


class ShareTable:
    """Reads and writes that table within one transaction."""

    def __init__(self, *, session: Session) -> None:
        self._session = session
        self._db = session.connection

    def find(self, person_hash: bytes) -> ShareRow | None:
        row = self._db.execute(f"{_ROW} WHERE hash = ?", (person_hash,)).fetchone()
        return None if row is None else _row(row)

    def put(self, row: ShareRow) -> None:
        """Insert a row or replace the one of its hash."""
        values = (row.hash, row.person, row.seal, row.updated, row.version.pack(), row.removed, row.due)
        self._db.execute("INSERT OR REPLACE INTO share VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def changed(self, after: int, limit: int) -> list[PersonRow]:
        """People with a row number above `after` whose record is not the one last looked at."""
        numbers = self._db.execute(_CHANGED, (after, limit)).fetchall()
        return [row for (number,) in numbers if (row := self.person(number)) is not None]

    def removed(self) -> list[ShareRow]:
        """Those removed here whose version does not say so yet."""
        return [_row(row) for row in self._db.execute(f"{_ROW} WHERE due = 1 AND removed IS NOT NULL").fetchall()]

    def due(self, after: bytes, limit: int) -> list[ShareRow]:
        """What has to be published, in the order of the hashes, beginning behind `after`."""
        query = f"{_ROW} WHERE due = 1 AND removed IS NULL AND hash > ? ORDER BY hash LIMIT ?"
        return [_row(row) for row in self._db.execute(query, (after, limit)).fetchall()]

    def settled(self, shards: range) -> list[ShareRow]:
        """What the broker should hold of the people whose hash begins with one of these bytes."""
        end = bytes([shards.stop]) if shards.stop < SHARDS else b"\xff" * 17
        query = f"{_ROW} WHERE due = 0 AND removed IS NULL AND hash >= ? AND hash < ?"
        return [_row(row) for row in self._db.execute(query, (bytes([shards.start]), end)).fetchall()]

    def later_than(self, ms: int) -> list[ShareRow]:
        """Those whose version claims a time after Unix time `ms`."""
        query = f"{_ROW} WHERE version > ?"
        return [_row(row) for row in self._db.execute(query, ((ms + 1).to_bytes(8, "big"),)).fetchall()]

    def newest(self) -> int:
        """The time (Unix ms) of the latest version, 0 when there is none."""
        (packed,) = self._db.execute("SELECT max(version) FROM share").fetchone()
        return 0 if packed is None else Version.unpack(packed).ms

    def forget(self, person_hash: bytes) -> None:
        self._db.execute("DELETE FROM share WHERE hash = ?", (person_hash,))

    def forget_tombstones(self, before_ms: int) -> int:
        """Drop published removals from before Unix time `before_ms`; gives how many."""
        query = "DELETE FROM share WHERE person IS NULL AND due = 0 AND version < ?"
        return self._db.execute(query, (max(before_ms, 0).to_bytes(8, "big"),)).rowcount

    def person(self, number: int | None) -> PersonRow | None:
        """The person of a row's number."""
        row = self._db.execute(f"{_PERSON} WHERE person = ?", (number,)).fetchone()
        return None if row is None else PersonRow(*row)

    def counts(self) -> tuple[int, int, int]:
        """How many people, removals, and changes that have to be published."""
        query = "SELECT count(person), count(*) - count(person), ifnull(sum(due), 0) FROM share"
        people, removals, due = self._db.execute(query).fetchone()
        return people, removals, due

    def state(self) -> tuple[str, int]:
        """The id of the site that the rows belong to ("": none), and when (ms) all of it was last read (0: never)."""
        row = self._db.execute("SELECT site, completed FROM share_state").fetchone()
        return ("", 0) if row is None else (row[0], row[1])

    def put_state(self, site_id: str, completed: int) -> None:
        self._db.execute("INSERT OR REPLACE INTO share_state VALUES (1, ?, ?)", (site_id, completed))

    def clear(self) -> None:
        """Forget everything but the people themselves."""
        self._db.execute("DELETE FROM share")


def seal_of(row: PersonRow) -> bytes:
    """What differs after every writing of a person's record."""
    return row.record[:NONCE_BYTES]


def _row(row: tuple[bytes, int | None, bytes, int, bytes, int | None, int]) -> ShareRow:
    return ShareRow(row[0], row[1], row[2], row[3], Version.unpack(row[4]), row[5], bool(row[6]))
