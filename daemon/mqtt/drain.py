"""The way of events from the outbox to the broker over one connection: in order, a window at a time."""

import time
from collections.abc import Callable, Iterable

from daemon.events.outbox import Outbox, StoredEvent
from daemon.mqtt.link import Ack, LinkError

ACK_SECONDS = 30.0
HOLD_SECONDS = 30.0


class Drain:
    """Sends what the outbox holds, as far ahead of the broker's confirmation as there is room.

    An event that the broker refuses (an ACL, a quota) stays in the outbox and is offered again after 30 s, with all
    that follow it: somebody will mend the broker, and nothing may be lost until then.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        send: Callable[[StoredEvent], int],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbox, self._send, self._monotonic = outbox, send, monotonic
        self._in_flight: dict[int, int] = {}
        self._cursor = 0
        self._resume = 0.0
        self._last_ack = monotonic()

    def fill(self, room: int) -> None:
        """Send at most `room` events. Raises LinkError when the broker stopped confirming, and StoreError."""
        now = self._monotonic()
        if self._in_flight and now - self._last_ack > ACK_SECONDS:
            raise LinkError(f"the broker has not confirmed an event for {ACK_SECONDS:.0f} s")
        # After a refusal: not before the time is up and everything on the way is settled, or the order would suffer.
        if room <= 0 or now < self._resume or (self._resume and self._in_flight):
            return
        self._resume = 0.0
        for event in self._outbox.pending(room, after=self._cursor):
            if not self._in_flight:
                self._last_ack = now
            self._in_flight[self._send(event)] = event.seq
            self._cursor = event.seq

    def settle(self, acks: Iterable[Ack]) -> None:
        """Take confirmed events out of the outbox, and start over later if one was refused. Raises StoreError."""
        confirmed, refused = [], False
        for ack in acks:
            seq = self._in_flight.pop(ack.mid, None)
            if seq is None:
                continue
            self._last_ack = self._monotonic()
            if ack.refusal is None:
                confirmed.append(seq)
            else:
                refused = True
        if confirmed:
            self._outbox.confirm(confirmed)
        if refused:
            self._cursor, self._resume = 0, self._monotonic() + HOLD_SECONDS
