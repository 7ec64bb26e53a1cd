"""Wiegand over two lines: a pulse on D0 is a 0, one on D1 a 1. Nominal: 50 µs pulses, 1 ms from one to the next.

Readers may send pulses of 20 to 100 µs, 200 µs to 20 ms apart (SIA AC-01-1996). A program in user space keeps the
pulse's minimum, never its maximum: on an idle Linux pulses of 50 µs become 60 to 120 µs, and the scheduler may now and
then stretch one by some milliseconds. Panels sample the falling edge and bear that; those that don't want the message
from a microcontroller or over OSDP.
"""

import time
from collections.abc import Callable, Sequence

from hw.lines import Edge, OutputLine
from hw.wiegand import Bits

PULSE_SECONDS = 50e-6
INTERVAL_SECONDS = 1e-3
GAP_SECONDS = 0.025
MAX_BITS = 128


class WiegandOutput:
    """Sends messages. `active` of both lines is the pulse: on bare wires, whose rest is high, they are active-low."""

    def __init__(
        self,
        *,
        data0: OutputLine,
        data1: OutputLine,
        pulse_seconds: float = PULSE_SECONDS,
        interval_seconds: float = INTERVAL_SECONDS,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._lines = (data0, data1)
        self._pulse, self._interval = pulse_seconds, interval_seconds
        self._clock, self._sleep = clock, sleep

    def send(self, bits: Sequence[int]) -> None:
        """Takes about a millisecond a bit. Raises LineError; both lines are at rest on every way out."""
        due = self._clock()
        for bit in bits:
            self._wait_until(due)
            line = self._lines[bit]
            try:
                began = self._clock()
                line.set(True)
                self._spin_until(began + self._pulse)
            finally:
                line.set(False)
            due = began + self._interval

    def close(self) -> None:
        """Raises LineError."""
        try:
            self._lines[0].close()
        finally:
            self._lines[1].close()

    def _wait_until(self, due: float) -> None:
        # Sleeping is exact to some 100 µs only: the rest is spun.
        if (rest := due - self._clock()) > 2 * self._pulse:
            self._sleep(rest - 2 * self._pulse)
        self._spin_until(due)

    def _spin_until(self, due: float) -> None:
        while self._clock() < due:
            continue


class WiegandInput:
    """Gathers the pulses of a reader, whatever their exact times, into messages. Pure: edges and time go in.

    A message is over when `gap_seconds` have passed since its last pulse. Of each pulse only the beginning counts.
    """

    def __init__(self, *, gap_seconds: float = GAP_SECONDS) -> None:
        self._gap = gap_seconds
        self._bits: list[int] = []
        self._last = float("-inf")

    def take(self, bit: int, edge: Edge) -> Bits | None:
        """An edge of D0 (`bit` 0) or D1 (1), in the order of their times; the message that it showed to be over."""
        if not edge.active:
            return None
        done = self.finish(edge.at)
        # Noise for ever is no message.
        if len(self._bits) < MAX_BITS:
            self._bits.append(bit)
        self._last = edge.at
        return done

    def finish(self, now: float) -> Bits | None:
        """The message that is over at monotonic time `now`, if one is."""
        if not self._bits or now - self._last < self._gap:
            return None
        bits, self._bits = tuple(self._bits), []
        return bits
