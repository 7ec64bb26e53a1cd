"""Drives the lights and the buzzer beside a door, from a thread of their own: none ever delays the strike."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Literal

from daemon.door.indicator import IndicatorPlan
from daemon.events.door_changes import DoorEvent
from daemon.types import Decision
from hw.errors import LineError
from hw.lines import OutputLine
from hw.osdp_orders import Order

log = logging.getLogger(__name__)

Part = Literal["red", "green", "buzzer", "output"]
TICK_SECONDS = 0.05
POLL_SECONDS = 0.5
WAITING = 100


class Lights:
    """Hears what the door tells and what a panel orders. A line that fails is told once and tried again."""

    def __init__(
        self,
        *,
        plan: IndicatorPlan,
        lines: Mapping[Part, OutputLine],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._plan, self._lines, self._clock = plan, dict(lines), clock
        self._told: queue.Queue[bool | Order] = queue.Queue(WAITING)
        self._active: dict[Part, bool] = dict.fromkeys(lines, False)
        self._failed: set[Part] = set()

    def tell(self, decision: Decision, driven: float | None = None) -> None:
        """Hand over a decision; returns at once. A grant that did not drive the strike let nobody in."""
        self._hear(decision.granted and driven is not None)

    def tell_event(self, event: DoorEvent) -> None:
        """Lights hear of decisions only: duress, above all, is not for them."""

    def tell_door(self, *, locked: bool, lockdown: bool, is_open: bool | None) -> None:
        """Lights hear of decisions only."""

    def order(self, order: Order) -> None:
        """Hand over what a panel orders; returns at once."""
        self._hear(order)

    def run(self, stop: threading.Event) -> None:
        """Show until told to stop, then nothing."""
        try:
            while not stop.is_set():
                now = self._clock()
                self._show(now)
                self._take(POLL_SECONDS if self._plan.rests(now) and not self._failed else TICK_SECONDS)
        finally:
            for line in self._lines.values():
                with suppress(LineError):
                    line.close()

    def _hear(self, told: bool | Order) -> None:
        # A light that is so far behind shows what is over anyway.
        with suppress(queue.Full):
            self._told.put_nowait(told)

    def _take(self, seconds: float) -> None:
        try:
            told = self._told.get(timeout=seconds)
        except queue.Empty:
            return
        if isinstance(told, bool):
            self._plan.decide(granted=told, at=self._clock())
        else:
            self._plan.order(told, self._clock())

    def _show(self, now: float) -> None:
        shown = self._plan.shown(now)
        for part, line in self._lines.items():
            wanted: bool = getattr(shown, part)
            if wanted is not self._active[part]:
                self._drive(part, line, wanted)

    def _drive(self, part: Part, line: OutputLine, active: bool) -> None:
        try:
            line.set(active)
        except LineError as error:
            if part not in self._failed:
                log.warning("indicator.%s: %s", part, error)
            self._failed.add(part)
            return
        self._active[part] = active
        if part in self._failed:
            self._failed.remove(part)
            log.info("indicator.%s: works again", part)
