"""The way of a terminal's own changes to the broker over one connection: a window at a time, off the list on PUBACK."""

import time
from collections.abc import Callable, Iterable

from daemon.mqtt.link import Ack, LinkError
from daemon.sharing.people import Due, SharedPeople
from daemon.sharing.versions import Version

ACK_SECONDS = 30.0
HOLD_SECONDS = 30.0
CONFIRM_ROWS = 200
CONFIRM_SECONDS = 0.5


class Outlet:
    """Sends what is due. What the broker refuses (an access list, a quota) stays due and is offered again after 30 s.

    Confirmations are written to disk some at a time: one that a power cut forgets is sent again.
    """

    def __init__(
        self,
        *,
        people: SharedPeople,
        send: Callable[[Due], int],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._people, self._send, self._monotonic = people, send, monotonic
        self._in_flight: dict[int, tuple[bytes, Version]] = {}
        self._done: list[tuple[bytes, Version]] = []
        self._cursor: bytes | None = b""
        self._resume = 0.0
        self._last_ack = self._last_written = monotonic()
        self.sent = 0

    @property
    def busy(self) -> bool:
        """Whether something is on its way, or due as far as is known."""
        return bool(self._in_flight) or bool(self._done) or self._cursor is not None

    def look(self) -> None:
        """Something may have become due."""
        if self._cursor is None:
            self._cursor = b""

    def fill(self, room: int) -> None:
        """Send at most `room` changes. Raises LinkError when the broker stopped confirming; StoreError, LeftSite."""
        now = self._monotonic()
        if self._in_flight and now - self._last_ack > ACK_SECONDS:
            raise LinkError(f"the broker has not confirmed a shared person for {ACK_SECONDS:.0f} s")
        if room <= 0 or self._cursor is None or now < self._resume:
            return
        if self._cursor == b"" and (self._in_flight or self._done):
            self._write(now)  # a new round: what was confirmed must not come up again
            if self._in_flight:
                return
        items, self._cursor = self._people.due(self._cursor, room)
        for item in items:
            if not self._in_flight:
                self._last_ack = now
            self._in_flight[self._send(item)] = (item.hash, item.version)

    def settle(self, acks: Iterable[Ack]) -> str | None:
        """Take confirmed changes off the list; gives the broker's word if it refused any message. Raises StoreError."""
        refusal = None
        for ack in acks:
            refusal = ack.refusal or refusal
            change = self._in_flight.pop(ack.mid, None)
            if change is None:
                continue
            self._last_ack = self._monotonic()
            if ack.refusal is None:
                self._done.append(change)
            else:
                self._cursor, self._resume = b"", self._last_ack + HOLD_SECONDS
        now = self._monotonic()
        if len(self._done) >= CONFIRM_ROWS or not self._in_flight or now - self._last_written > CONFIRM_SECONDS:
            self._write(now)
        return refusal

    def _write(self, now: float) -> None:
        self._last_written = now
        if self._done:
            self._people.published(self._done)
            self.sent += len(self._done)
            self._done = []
