"""One connection of a terminal to its site: first read what is there, then tell what is new, and keep both equal."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from daemon.events.messages import Alarm
from daemon.mqtt.link import Ack, Incoming, Outgoing
from daemon.sharing.messages import PersonMessage, Refused, SiteCodec
from daemon.sharing.outlet import Outlet
from daemon.sharing.people import Due, SharedPeople
from daemon.sharing.reader import Part, RetainedReader
from daemon.sharing.repairs import Mend, Repairs
from daemon.sharing.versions import Verdict

BATCH = 200
BATCH_SECONDS = 0.2
LOOK_SECONDS = 1.0
MEND_SECONDS = 0.2
REPAIRS_AT_ONCE = 100
AHEAD_RETRY_SECONDS = 300.0
QUIET_SECONDS = 2.0
DAY_MS = 86_400_000


class Wire(Protocol):
    """What a session needs of a connection; `Link` is one."""

    @property
    def room(self) -> int: ...

    def subscribe(self, topics: list[str], *, own: bool = False) -> None: ...

    def publish(self, message: Outgoing) -> int: ...

    def wait(self, timeout: float) -> None: ...

    def received(self) -> list[Incoming]: ...

    def acknowledged(self) -> list[Ack]: ...


@dataclass
class Tally:
    """What has happened since the start: messages `received` from others, `applied` of them, `refused` as not from a
    terminal of this site, refused as `ahead` of the clock, `older` than what is held here, and `discarded` people."""

    received: int = 0
    applied: int = 0
    refused: int = 0
    ahead: int = 0
    older: int = 0
    discarded: int = 0


@dataclass(frozen=True)
class Pace:
    """Times of a session: for how long (ms) tombstones are kept, and how often (s) the whole set is read again.

    It is read again too, once all is quiet, after more than `flood` messages that came by themselves: of so many at
    once a broker may have dropped some (mosquitto keeps 1,000 for a subscriber).
    """

    keep_tombstones_ms: int
    reread_seconds: float
    flood: int = 500


class SharingSession:
    """Call `step` until the connection ends. Nothing is published before the retained set has been read once.

    `off_too_long`: this terminal was away for longer than removals are remembered, so whom it once shared and the site
    no longer knows, it erases. `alarm` gets an alarm and its detail. Times are monotonic seconds.
    """

    def __init__(
        self,
        *,
        wire: Wire,
        people: SharedPeople,
        codec: SiteCodec,
        device_id: str,
        pace: Pace,
        off_too_long: bool,
        alarm: Callable[[Alarm, str], None],
        tally: Tally,
        repairs: Repairs,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wire, self._people, self._codec, self._pace = wire, people, codec, pace
        self._off_too_long, self._alarm, self._tally, self._repairs = off_too_long, alarm, tally, repairs
        self._monotonic = monotonic
        self._marker_topic = codec.marker_topic(device_id)
        self._reader = RetainedReader()
        self._outlet = Outlet(people=people, send=self._send, monotonic=monotonic)
        self._batch: list[PersonMessage] = []
        self._batch_since = self._next_look = self._next_mend = 0.0
        self._absent: list[bytes] = []
        self._seen = 0
        self._refused_ahead = False
        self._next_pass = 0.0
        self._came = 0
        self._last_came = 0.0
        self._wire.subscribe([self._marker_topic], own=True)

    @property
    def complete(self) -> bool:
        """Whether everything that the site retains has been read."""
        return self._reader.passes > 0

    @property
    def idle(self) -> bool:
        """Nothing is being read, is due or waits to be mended, as far as is known."""
        working = self._reader.reading or bool(self._batch) or self._outlet.busy
        return not (working or self._repairs.pending or self._came > self._pace.flood)

    @property
    def sent(self) -> int:
        """Changes that the broker has confirmed over this connection."""
        return self._outlet.sent

    def step(self) -> str | None:
        """One round, of a second at most; gives the broker's word when it refused a message.

        Raises LinkError, StoreError, LeftSite: the session is over then.
        """
        now = self._monotonic()
        self._read(now)
        self._look(now)
        if self.complete:
            self._outlet.fill(self._wire.room)
        self._wire.wait(0.0 if self._batch else 0.05 if self._reader.reading else 0.25)
        came = self._wire.received()
        for message in came:
            self._take(message, self._monotonic())
        if not came or len(self._batch) >= BATCH or now - self._batch_since > BATCH_SECONDS:
            self._apply()
        return self._outlet.settle(self._wire.acknowledged())

    def _read(self, now: float) -> None:
        if self._came > self._pace.flood and now - self._last_came > QUIET_SECONDS:
            self._next_pass = now
        if now >= self._next_pass and not self._reader.reading:
            self._absent, self._seen, self._came, self._refused_ahead = [], 0, 0, False
            self._next_pass = now + self._pace.reread_seconds * random.uniform(0.75, 1.0)  # noqa: S311 - only spreads
            self._reader.start()
        request = self._reader.request(now)
        if request is not None:
            self._wire.subscribe([self._codec.shard_filter(shard) for shard in request.shards])
            self._wire.publish(Outgoing(self._marker_topic, request.marker, content_type="application/octet-stream"))
        done = self._reader.read(now)
        if done is not None:
            self._finish(done, now)

    def _finish(self, done: Part, now: float) -> None:
        self._apply()  # what was read must be taken up before anything is said of it
        self._seen += len(done.seen)
        if done.sure:
            # A removal in its last day may have expired at the broker by that one's clock.
            horizon = self._people.now_ms - self._pace.keep_tombstones_ms + DAY_MS
            self._absent += self._people.settled(done.shards, removed_after_ms=horizon) - done.seen
        if not self._reader.reading:
            self._finish_pass(now)

    def _finish_pass(self, now: float) -> None:
        # A broker that holds nothing at all has lost it: no reason to erase anybody.
        mend = Mend.DISCARD if self._off_too_long and self._seen else Mend.OFFER
        for person_hash in self._absent:
            self._repairs.put(person_hash, mend, now)
        self._absent = []
        if self._reader.sure:
            self._off_too_long = False
            if not self._refused_ahead:
                self._people.complete(keep_tombstones_ms=self._pace.keep_tombstones_ms)
        if ahead := self._people.ahead():
            self._alarm(
                "clock_skew",
                f"{ahead} people changed here bear a time that is yet to come, which the other "
                "terminals refuse; set this clock right, then run `auther site restamp` here",
            )

    def _look(self, now: float) -> None:
        if now >= self._next_look:
            self._next_look = now + LOOK_SECONDS
            self._people.stamp()
            self._outlet.look()  # also for what was stamped elsewhere: before an intake, or by the command line
        if now >= self._next_mend and self._repairs.pending:
            self._next_mend = now + MEND_SECONDS
            self._mend(now)

    def _mend(self, now: float) -> None:
        ready = self._repairs.take(now, REPAIRS_AT_ONCE)
        if offered := [each for each, mend in ready if mend is Mend.OFFER]:
            self._people.offer(offered)
            self._outlet.look()
        if discarded := [each for each, mend in ready if mend is Mend.DISCARD]:
            self._tally.discarded += self._people.discard(discarded)

    def _take(self, message: Incoming, now: float) -> None:
        if message.topic == self._marker_topic:
            self._reader.marked(message.payload)
            return
        person_hash = self._codec.hash_of(message.topic)
        if person_hash is None:
            return
        if not message.payload:  # somebody has cleared it
            self._repairs.put(person_hash, Mend.OFFER, now)
            return
        self._tally.received += 1
        if not self._reader.saw(person_hash, now):
            self._came, self._last_came = self._came + 1, now
        try:
            opened = self._codec.open(person_hash, message.payload)
        except Refused as refusal:
            self._tally.refused += 1
            self._repairs.put(person_hash, Mend.OFFER, now)
            self._alarm("sharing_refused", f"{message.topic}: {refusal}")
            return
        if not self._batch:
            self._batch_since = now
        self._batch.append(opened)

    def _apply(self) -> None:
        batch, self._batch = self._batch, []
        if not batch:
            return
        now = self._monotonic()
        for message, verdict in zip(batch, self._people.apply(batch), strict=True):
            if verdict is Verdict.AHEAD:
                self._refuse_ahead(message, now)
            elif verdict is Verdict.OLDER:
                self._tally.older += 1
                self._repairs.put(message.hash, Mend.OFFER, now)
            else:
                self._tally.applied += verdict is Verdict.NEWER
                self._repairs.cancel(message.hash)

    def _refuse_ahead(self, message: PersonMessage, now: float) -> None:
        self._tally.ahead += 1
        self._refused_ahead = True
        self._next_pass = min(self._next_pass, now + AHEAD_RETRY_SECONDS)
        seconds = (message.version.ms - self._people.now_ms) / 1000
        self._alarm(
            "clock_skew",
            f"a change made on {message.version.device} claims a time {seconds:.0f} s from now; "
            "it is refused: check the clocks of both terminals",
        )

    def _send(self, item: Due) -> int:
        expiry = None
        if not item.content:
            left_ms = item.version.ms + self._pace.keep_tombstones_ms - self._people.now_ms
            expiry = max(left_ms, DAY_MS) // 1000
        payload = self._codec.seal(item.hash, item.version, item.content)
        self._repairs.cancel(item.hash)
        return self._wire.publish(
            Outgoing(
                self._codec.topic(item.hash),
                payload,
                retain=True,
                content_type="application/octet-stream",
                expiry=expiry,
            )
        )
