"""Who is gone from the store, so that what they have beside it goes too: keyed hashes, until it has gone.

Somebody whom the store does not hold was not always removed: a new store, or an old backup, lacks people whose own
backup is about to be restored. So a removal is noted, and who is missing without one is gone only after GRACE_HOURS
that the terminal ran; not after as many by the clock, which may be years behind until the network comes up.
"""

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from daemon.storage.session import PersonRow, Session
from daemon.storage.storefile import StoreFile
from daemon.storage.vault import Unauthentic, derive

GRACE_HOURS = 30 * 24

_LABEL = "auther departures"


@dataclass(frozen=True)
class Departed:
    """`gone` are to be forgotten everywhere; `missing` may yet be restored. `settled` and `noted` are the store's own:
    the hashes that have served, and those of the missing that are new.
    """

    gone: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    settled: tuple[bytes, ...] = ()
    noted: tuple[bytes, ...] = ()


class Departures:
    """The people who left a store. Methods raise StoreError."""

    def __init__(self, *, file: StoreFile) -> None:
        self._file = file

    def among(self, person_ids: Iterable[str]) -> Departed:
        """Who of these is gone or missing."""
        with self._file.reading() as session:
            hash_of = hashing(session)
            hours = dict(session.connection.execute("SELECT hash, hours FROM departure").fetchall())
            stored, absent = set(), {}
            for person_id in person_ids:
                if session.find(person_id) is None:
                    absent[person_id] = hash_of(person_id)
                elif hours:
                    stored.add(hash_of(person_id))
        gone = tuple(each for each, digest in absent.items() if hours.get(digest, 1) <= 0)
        missing = tuple(each for each in absent if each not in gone)
        settled = tuple(digest for digest, left in hours.items() if left <= 0 or digest in stored)
        return Departed(gone, missing, settled, tuple(absent[each] for each in missing if absent[each] not in hours))

    def settle(self, departed: Departed, *, hours: int = 0) -> None:
        """To be called when those gone are forgotten everywhere; the terminal ran for `hours` since the last time."""
        if not (departed.settled or departed.noted or (departed.missing and hours)):
            return
        with self._file.noting() as session:
            change = session.connection.executemany
            change("DELETE FROM departure WHERE hash = ?", [(digest,) for digest in departed.settled])
            change("UPDATE departure SET hours = max(0, hours - ?)", [(hours,)])
            change("INSERT OR IGNORE INTO departure VALUES (?, ?)", [(each, GRACE_HOURS) for each in departed.noted])


def remove_person(session: Session, row: PersonRow, person_id: str | None = None) -> None:
    """Erase a person with all that belongs to them, and note it; without the id it is read from the record.

    A removal that can't be noted, the record being damaged, is one of somebody missing.
    """
    if person_id is None:
        try:
            person_id = session.open_person(row).person_id
        except Unauthentic:
            person_id = None
    session.connection.execute("DELETE FROM person WHERE person = ?", (row.number,))
    if person_id is not None:
        session.connection.execute("INSERT OR REPLACE INTO departure VALUES (?, 0)", (hashing(session)(person_id),))


def hashing(session: Session) -> Callable[[str], bytes]:
    """Makes of a person_id what is kept of somebody who is gone; it outlives a rotation of keys and a restore."""
    key = derive(session.local_secret(), _LABEL)
    return lambda person_id: hmac.digest(key, person_id.encode(), "sha256")
