"""The card reader at two inputs: gathers the pulses of both lines into cards, on a thread of its own."""

import logging
import queue
import threading
import time
from collections.abc import Callable

from daemon.rules.credentials import Card
from hw.lines import Edge
from hw.wiegand import WiegandError, WiegandFormat
from hw.wiegand_wire import GAP_SECONDS, WiegandInput

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5


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

    def take(self, bit: int, active: bool | None, at: float) -> None:
        """D0 (`bit` 0) or D1 became active or not at monotonic time `at`; None while the line is lost."""
        if active is not None:
            self._edges.put((bit, Edge(active, at)))

    def run(self, stop: threading.Event) -> None:
        """Serve until told to stop."""
        while not stop.is_set():
            edges = self._gather()
            for bit, edge in sorted(edges, key=lambda each: each[1].at):
                self._read(self._input.take(bit, edge))
            if edges:
                self._read(self._input.finish(self._clock()))

    def _gather(self) -> list[tuple[int, Edge]]:
        """The edges of one message: all that come until the lines rest."""
        edges: list[tuple[int, Edge]] = []
        try:
            edges.append(self._edges.get(timeout=POLL_SECONDS))
            while True:
                edges.append(self._edges.get(timeout=2 * GAP_SECONDS))
        except queue.Empty:
            return edges

    def _read(self, bits: tuple[int, ...] | None) -> None:
        if bits is None:
            return
        try:
            card = Card(*self._format.decode(bits))
        except WiegandError as error:
            log.warning("card reader: %s", error)
            return
        self._on_card(card)
