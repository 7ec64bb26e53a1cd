"""The card reader at two inputs: gathers the pulses of both lines into cards, on a thread of its own."""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable

from daemon.rules.credentials import Card
from hw.lines import Edge
from hw.wiegand import WiegandError, WiegandFormat
from hw.wiegand_wire import GAP_SECONDS, MAX_BITS, WiegandInput

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
# No message has as many: each of its pulses begins and ends.
EDGES = 4 * MAX_BITS
TELL_SECONDS = 60.0


class Sparingly:
    """Lets through at most so many `times` within a minute."""

    def __init__(self, *, times: int) -> None:
        self._passed: deque[float] = deque(maxlen=times)

    def now(self, at: float) -> bool:
        """Whether one more may pass at monotonic time `at`."""
        if len(self._passed) == self._passed.maxlen and at - self._passed[0] < TELL_SECONDS:
            return False
        self._passed.append(at)
        return True


class CardReader:
    """Takes edges from the watchers of D0 and D1, whose threads may be late: they are put in order by their times."""

    def __init__(
        self,
        *,
        card_format: WiegandFormat,
        on_card: Callable[[Card], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._format, self._on_card, self._clock = card_format, on_card, clock
        self._edges: queue.SimpleQueue[tuple[int, Edge]] = queue.SimpleQueue()
        self._input = WiegandInput()
        # A wire without rest must not fill the log; an installer who tries cards sees each of them.
        self._may_tell_noise, self._may_tell_refused = Sparingly(times=1), Sparingly(times=10)

    def take(self, bit: int, active: bool | None, at: float) -> None:
        """D0 (`bit` 0) or D1 became active or not at monotonic time `at`; None while the line is lost."""
        if active is not None:
            self._edges.put((bit, Edge(active, at)))

    def run(self, stop: threading.Event) -> None:
        """Serve until told to stop."""
        while not stop.is_set():
            edges = self._gather(stop)
            if len(edges) == EDGES and self._may_tell_noise.now(self._clock()):
                log.warning(
                    "card reader: the lines reader.data0 and reader.data1 never rest, so that no card can be read; look"
                    " for a cut wire, a missing ground or one that lies beside a power line"
                )
            for bit, edge in sorted(edges, key=lambda each: each[1].at):
                self._read(self._input.take(bit, edge))
            if edges:
                self._read(self._input.finish(self._clock()))

    def _gather(self, stop: threading.Event) -> list[tuple[int, Edge]]:
        """The edges of one message: all that come until the lines rest, or more of them than a message has."""
        edges: list[tuple[int, Edge]] = []
        wait = POLL_SECONDS
        while len(edges) < EDGES and not stop.is_set():
            try:
                edges.append(self._edges.get(timeout=wait))
            except queue.Empty:
                break
            wait = 2 * GAP_SECONDS
        return edges

    def _read(self, bits: tuple[int, ...] | None) -> None:
        if bits is None:
            return
        try:
            card = Card(*self._format.decode(bits))
        except WiegandError as error:
            if self._may_tell_refused.now(self._clock()):
                log.warning("card reader: %s", error)
            return
        self._on_card(card)
