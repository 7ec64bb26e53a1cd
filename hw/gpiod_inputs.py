"""Inputs of a GPIO chip through libgpiod v2."""

import time
from collections import deque
from datetime import timedelta

import gpiod
from gpiod.line import Bias, Clock, Direction, Value
from gpiod.line import Edge as GpiodEdge

from hw.errors import LineError
from hw.gpiod_chip import find_line, open_chip, reason, refusal
from hw.lines import Edge

BIASES = {
    "pull-up": Bias.PULL_UP,
    "pull-down": Bias.PULL_DOWN,
    "disabled": Bias.DISABLED,
    "as-is": Bias.AS_IS,
}
NANOSECONDS = 1e9


class GpiodInputLine:
    """An input of the chip with device file `chip`; `line` is its name (`GPIO22`) or its offset on the chip.

    With `active_low` the line is active at ground. The kernel swallows bounce shorter than `debounce_ms` milliseconds
    and stamps each edge with the monotonic clock in the interrupt. Should its queue of edges run over, the level is
    read again and handed on as an edge of now.
    Raises LineError if the chip or the line is absent, not permitted or held by somebody else.
    """

    def __init__(
        self,
        *,
        chip: str,
        line: str | int,
        active_low: bool = True,
        bias: str = "pull-up",
        debounce_ms: int = 20,
        consumer: str = "auther",
    ) -> None:
        self._label = f"{chip} line {line}"
        self._closed = False
        self._edges: deque[Edge] = deque()
        settings = gpiod.LineSettings(
            direction=Direction.INPUT,
            edge_detection=GpiodEdge.BOTH,
            active_low=active_low,
            bias=BIASES[bias],
            debounce_period=timedelta(milliseconds=debounce_ms),
            event_clock=Clock.MONOTONIC,
        )
        with open_chip(chip) as device:
            self._offset = find_line(device, line)
            try:
                self._request = device.request_lines({self._offset: settings}, consumer=consumer)
            except OSError as error:
                wanted = f"an input with edges and bias {bias}"
                raise LineError(f"{self._label}: {refusal(error, device, self._offset, wanted=wanted)}") from error
        self._level = self.read()

    def read(self) -> bool:
        self._check_open()
        try:
            return bool(self._request.get_value(self._offset) is Value.ACTIVE)
        except OSError as error:
            raise self._gone(error) from error

    def wait(self, seconds: float) -> Edge | None:
        self._check_open()
        deadline = time.monotonic() + seconds
        # The kernel reads the level after the interrupt: one that was still pending when the line was opened, or a
        # pulse that was over by then, is told as an edge to the level that is known already.
        while edge := self._next(deadline - time.monotonic()):
            if edge.active is not self._level:
                self._level = edge.active
                return edge
            if not self._edges and time.monotonic() >= deadline:
                return None
        return None

    def _next(self, seconds: float) -> Edge | None:
        try:
            if not self._edges and self._request.wait_edge_events(timedelta(seconds=max(0.0, seconds))):
                self._edges.extend(_edge(event) for event in self._request.read_edge_events())
        except OSError as error:
            raise self._gone(error) from error
        if self._edges:
            return self._edges.popleft()
        # Reading also tells a chip that vanished, of which older kernels wake nobody.
        level = self.read()
        return None if level is self._level else Edge(level, time.monotonic())

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._request.release()

    def _check_open(self) -> None:
        if self._closed:
            raise LineError(f"{self._label}: closed; it can't be read any more")

    def _gone(self, error: OSError) -> LineError:
        return LineError(
            f"{self._label}: can't be read ({reason(error)}); check that the chip is still there with gpiodetect"
        )


def _edge(event: gpiod.EdgeEvent) -> Edge:
    return Edge(event.event_type is gpiod.EdgeEvent.Type.RISING_EDGE, event.timestamp_ns / NANOSECONDS)
