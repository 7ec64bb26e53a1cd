"""What a terminal shares, on disk: its own changes on their way out, and the others' on their way in."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace as changed

from daemon.config.settings import Settings
from daemon.errors import AutherError
from daemon.sharing.intake import Intake
from daemon.sharing.messages import PersonMessage
from daemon.sharing.rows import ShareRow, ShareTable, seal_of
from daemon.sharing.site_key import SiteKey
from daemon.sharing.stamp import Stamper
from daemon.sharing.versions import Verdict, Version, judge
from daemon.storage.departures import remove_person
from daemon.storage.renewal import renew_transform
from daemon.storage.session import Session
from daemon.storage.store import Store

STAMP_ROWS = 200


class LeftSite(AutherError):
    """The store was restored or its templates were renewed under our feet: it has to join the site again."""


@dataclass(frozen=True)
class Due:
    """A change that has to be published: of the person with that hash, `content` empty when they were removed."""

    hash: bytes
    version: Version
    content: bytes


@dataclass(frozen=True)
class Counts:
    """How many people the site has by this terminal's knowledge, remembered removals, and changes not yet published."""

    people: int
    removals: int
    due: int


class SharedPeople:
    """The people of a store as members of a site. One thread uses it; the store's other users need not know of it.

    `clock` gives Unix seconds. Every method is one or more short transactions and raises StoreError; those that follow
    `join` raise LeftSite.
    """

    def __init__(
        self, *, store: Store, site: SiteKey, device_id: str, max_skew_ms: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._store, self._site, self._device = store, site, device_id
        self._max_skew_ms, self._clock = max_skew_ms, clock
        self._stamped = -1
        self.overruled = 0

    @classmethod
    def of(cls, settings: Settings, *, store: Store, site: SiteKey) -> "SharedPeople":
        """As a configuration has it."""
        skew = int(settings.sharing.max_skew_seconds * 1000)
        return cls(store=store, site=site, device_id=settings.device.id, max_skew_ms=skew)

    @property
    def now_ms(self) -> int:
        return int(self._clock() * 1000)

    def join(self) -> int:
        """Make the store the site's: its transform, and nothing remembered of another site.

        Gives when (Unix milliseconds) the whole site was last read, 0 for never.
        """
        with self._store.file.reading() as session:
            secret, (site_id, completed) = session.secret("transform"), ShareTable(session=session).state()
        if secret != self._site.transform_secret:
            renew_transform(self._store, secret=self._site.transform_secret)
        if site_id != self._site.site_id:
            completed = 0
            with self._store.file.noting() as session:
                table = ShareTable(session=session)
                table.clear()
                table.put_state(self._site.site_id, completed)
        self._stamped = -1
        return completed

    def stamp(self) -> None:
        """Version what any process has changed here; cheap when nothing was."""
        marker = self._store.change_marker()
        if marker == self._stamped:
            return
        after: int | None = 0
        while after is not None:  # in short transactions, so that nobody waits for thousands
            with self._noting() as session:
                stamper = self._stamper(session)
                after = stamper.stamp_people(after, STAMP_ROWS)
                if after is None:
                    stamper.stamp_removals()
        self._stamped = marker

    def due(self, after: bytes, limit: int) -> tuple[list[Due], bytes | None]:
        """The next changes to publish in the order of their hashes, and behind which to go on, None at the end."""
        with self._store.file.reading() as session:
            self._check(session)
            stamper = self._stamper(session)
            rows = stamper.table.due(after, limit)
            contents = [(row, self._content(stamper, row)) for row in rows]
        found = [Due(row.hash, row.version, content) for row, content in contents if content is not None]
        return found, rows[-1].hash if len(rows) == limit else None

    def published(self, done: Iterable[tuple[bytes, Version]]) -> None:
        """The broker has these; what changed meanwhile stays due."""
        with self._store.file.noting() as session:
            session.connection.executemany(
                "UPDATE share SET due = 0 WHERE hash = ? AND version = ? AND removed IS NULL",
                [(person_hash, version.pack()) for person_hash, version in done],
            )

    def apply(self, batch: Sequence[PersonMessage]) -> list[Verdict]:
        """Take up what others have changed, in one transaction; says for each message what it was.

        What was removed or replaced is gone from the file when this returns, as with `Store.remove`.
        """
        now = self.now_ms
        with self._noting() as session:
            if session.changes() != self._stamped:  # changed by somebody meanwhile: it must be compared too
                self._stamp_all(session)
            intake = Intake(session=session, judge=lambda held, new: self._judge(held, new, now))
            verdicts = [intake.take(message) for message in batch]
            if intake.changed:
                session.count_change()
            self._stamped = session.changes()
        self.overruled += intake.overruled
        if intake.erased:
            self._store.file.empty_log()
        return verdicts

    def settled(self, shards: range, *, removed_after_ms: int) -> set[bytes]:
        """The hashes that the broker should hold in these branches, of removals those of after that Unix time."""
        with self._store.file.reading() as session:
            rows = ShareTable(session=session).settled(shards)
        return {row.hash for row in rows if row.person is not None or row.version.ms > removed_after_ms}

    def offer(self, hashes: Iterable[bytes]) -> None:
        """Publish what is held of these again."""
        with self._store.file.noting() as session:
            session.connection.executemany("UPDATE share SET due = 1 WHERE hash = ?", [(each,) for each in hashes])

    def discard(self, hashes: Iterable[bytes]) -> int:
        """Erase people whom the site no longer knows, unless they were changed here meanwhile; gives how many."""
        count = 0
        with self._noting() as session:
            table = ShareTable(session=session)
            for person_hash in hashes:
                row = table.find(person_hash)
                if row is not None and not row.due:
                    held = table.person(row.person) if row.person is not None else None
                    if held is not None:
                        remove_person(session, held)
                    table.forget(person_hash)
                    count += held is not None
            if count:
                session.count_change()
        if count:
            self._store.file.empty_log()
        return count

    def complete(self, *, keep_tombstones_ms: int) -> None:
        """Everything of the site was read just now; removals that are old enough are forgotten.

        Just now is not before an earlier time of it or what is held, even under a clock that has gone back: as soon as
        that is right again, this terminal would seem to have been off for all the time between.
        """
        with self._store.file.noting() as session:
            table = ShareTable(session=session)
            table.put_state(self._site.site_id, max(self.now_ms, table.state()[1], table.newest()))
            table.forget_tombstones(self.now_ms - keep_tombstones_ms)

    def ahead(self) -> int:
        """How many versions held here the others will refuse, because they claim a time that is yet to come."""
        with self._store.file.reading() as session:
            return len(ShareTable(session=session).later_than(self.now_ms + self._max_skew_ms))

    def restamp(self) -> int:
        """Give those a version of now: for a terminal whose clock was ahead and is right again. Gives how many."""
        with self._store.file.writing() as session:
            table = ShareTable(session=session)
            rows = table.later_than(self.now_ms + self._max_skew_ms)
            for row in rows:
                table.put(changed(row, version=Version(self.now_ms, 0, self._device, row.version.digest), due=True))
            site_id, completed = table.state()
            table.put_state(site_id, min(completed, self.now_ms))
        return len(rows)

    def counts(self) -> Counts:
        with self._store.file.reading() as session:
            return Counts(*ShareTable(session=session).counts())

    def _stamp_all(self, session: Session) -> None:
        stamper = self._stamper(session)
        after: int | None = 0
        while after is not None:
            after = stamper.stamp_people(after, STAMP_ROWS)
        stamper.stamp_removals()

    def _judge(self, held: Version | None, incoming: Version, now_ms: int) -> Verdict:
        return judge(held, incoming, now_ms=now_ms, max_skew_ms=self._max_skew_ms)

    def _content(self, stamper: Stamper, row: ShareRow) -> bytes | None:
        if row.person is None:
            return b""
        person = stamper.table.person(row.person)
        # Changed since it was stamped: the new content must not travel under the old version.
        if person is None or seal_of(person) != row.seal:
            return None
        return stamper.content(person)

    def _stamper(self, session: Session) -> Stamper:
        return Stamper(session=session, site=self._site, device_id=self._device)

    @contextmanager
    def _noting(self) -> Iterator[Session]:
        with self._store.file.noting() as session:
            self._check(session)
            yield session

    def _check(self, session: Session) -> None:
        same_site = ShareTable(session=session).state()[0] == self._site.site_id
        if not same_site or session.secret("transform") != self._site.transform_secret:
            raise LeftSite(f"{self._store.path}: was restored or renewed; joining site {self._site.site_id} again")
