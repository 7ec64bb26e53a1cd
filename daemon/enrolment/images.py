"""Pictures of faces that are kept when the configuration says so: encrypted like records, and never for ever.

A picture belongs to a person (an enrolment's, a granted entry's) or to nobody (a denial's) and goes with that person or
after the retention time, which a clock that jumps neither shortens nor stops. Open to who can read the file: how many
pictures of which kind, and in which hour each was kept. Backups hold no pictures.
"""

import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal, get_args

from daemon.errors import StoreError
from daemon.kept_time import FILE_NAME, KeptTime
from daemon.storage.rows import NOBODY, bound_image
from daemon.storage.session import Session
from daemon.storage.store import Store
from daemon.storage.vault import Unauthentic

Kind = Literal["enrolment", "granted", "denied"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_HEAD = struct.Struct("<qBB")  # taken (µs), bytes of person_id, of event_id
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_QUERY = """SELECT image, kind, hour, tag, image.record FROM image LEFT JOIN person USING (person)"""


@dataclass(frozen=True)
class KeptImage:
    """A kept picture: `taken` is UTC, `person_id` None for a denial's, `event_id` empty for an enrolment's."""

    number: int
    kind: Kind
    taken: datetime
    person_id: str | None
    event_id: str
    jpeg: bytes


class ImageArchive:
    """The kept pictures of a store; their time is the KeptTime beside it. Raises StoreError."""

    def __init__(self, *, store: Store, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._kept = KeptTime(path=store.path.with_name(FILE_NAME), clock=clock)

    def keep(
        self, jpeg: bytes, *, kind: Kind, taken: datetime, person_id: str | None = None, event_id: str = ""
    ) -> int:
        """Store a picture; gives its number. Raises PersonNotFound for an id that is not enrolled (any more)."""
        with self._store.file.writing() as session:
            row = None if person_id is None else session.get(person_id)
            (number,) = session.connection.execute("SELECT coalesce(max(image), 0) + 1 FROM image").fetchone()
            person, event = (person_id or "").encode("ascii"), event_id.encode()
            plain = _HEAD.pack((taken - _EPOCH) // _MICROSECOND, len(person), len(event)) + person + event + jpeg
            hour = _hour(self._kept.now())
            bound = bound_image(NOBODY if row is None else row.tag, number, KINDS.index(kind), hour)
            values = (number, row.number if row else None, KINDS.index(kind), hour, session.cipher.seal(plain, bound))
            session.connection.execute("INSERT INTO image VALUES (?, ?, ?, ?, ?)", values)
        return int(number)

    def all(self) -> Iterator[KeptImage]:
        """Every picture that can be read, oldest first."""
        with self._store.file.reading() as session:
            numbers = session.connection.execute("SELECT image FROM image ORDER BY image").fetchall()
        for (number,) in numbers:
            if (image := self.find(number)) is not None:
                yield image

    def get(self, number: int) -> KeptImage:
        """Raises StoreError for a number that there is not, or that is damaged."""
        image = self.find(number)
        if image is None:
            raise StoreError(f"picture {number}: not kept (any more), or damaged; `auther images list` shows them")
        return image

    def marks(self) -> tuple[tuple[int, bytes], ...]:
        """Every picture's number, oldest first, with bytes that no other record has: a number may come again."""
        with self._store.file.reading() as session:
            return tuple(session.connection.execute("SELECT image, substr(record, 1, 12) FROM image ORDER BY image"))

    def find(self, number: int) -> KeptImage | None:
        """None for a number that there is not, or that is damaged."""
        with self._store.file.reading() as session:
            row = session.connection.execute(f"{_QUERY} WHERE image = ?", (number,)).fetchone()
            try:
                return None if row is None else _opened(session, row)
            except (Unauthentic, ValueError, struct.error):
                return None

    def expire(self, *, days: float) -> int:
        """Erase what was kept more than `days` ago, to the hour; gives how many. Nothing is written when none was."""
        last = _hour(self._kept.now() - days * 86_400)
        query = "SELECT count(*) FROM image WHERE hour < ?"
        with self._store.file.reading() as session:
            (count,) = session.connection.execute(query, (last,)).fetchone()
        if count:
            with self._store.file.writing() as session:
                session.connection.execute("DELETE FROM image WHERE hour < ?", (last,))
            self._store.file.empty_log()
        return int(count)


def _opened(session: Session, row: tuple[int, int, int, bytes | None, bytes]) -> KeptImage:
    number, kind, hour, tag, record = row
    plain = session.cipher.open(record, bound_image(tag or NOBODY, number, kind, hour))
    taken, person_size, event_size = _HEAD.unpack_from(plain)
    event_at = _HEAD.size + person_size
    picture_at = event_at + event_size
    person_id = plain[_HEAD.size : event_at].decode("ascii") or None
    event_id = plain[event_at:picture_at].decode()
    moment = _EPOCH + taken * _MICROSECOND
    return KeptImage(number, KINDS[kind], moment, person_id, event_id, plain[picture_at:])


def _hour(seconds: float) -> int:
    return int(seconds // 3600)
