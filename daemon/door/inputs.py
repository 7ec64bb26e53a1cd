"""The door's input lines: a thread each, which outlives the line's chip."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing

from daemon.backoff import Backoff
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from hw.errors import HardwareError
from hw.lines import InputLine

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5


class InputWatcher:
    """Hands on what a line reads at first and each change of it; opens it again, ever more patiently, when it is gone.

    `on_level(active, at)` gets the monotonic time of the change, `active` None while the line is lost. `on_event` gets
    `device_lost` once for each loss, with the name and the error in words, and `device_back`.
    """

    def __init__(
        self,
        *,
        name: str,
        open_line: Callable[[], InputLine],
        on_level: Callable[[bool | None, float], None],
        on_event: Callable[[DoorEvent], None],
        backoff: Backoff | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._open_line = name, open_line
        self._on_level, self._on_event = on_level, on_event
        self._backoff = backoff or Backoff(shortest=0.5, longest=10.0)
        self._clock = clock
        self._lost = False

    def run(self, stop: threading.Event) -> None:
        """Watch until told to stop."""
        while not stop.is_set():
            try:
                with closing(self._open_line()) as line:
                    self._watch(line, stop)
            except HardwareError as error:
                self._lose(error)
                stop.wait(self._backoff.next())

    def _watch(self, line: InputLine, stop: threading.Event) -> None:
        level = line.read()
        self._find()
        self._on_level(level, self._clock())
        while not stop.is_set():
            edge = line.wait(POLL_SECONDS)
            if edge is not None and edge.active is not level:
                level = edge.active
                self._on_level(level, edge.at)

    def _lose(self, error: HardwareError) -> None:
        if not self._lost:
            self._lost = True
            log.error("%s: %s", self._name, error)
            now = self._clock()
            self._on_level(None, now)
            self._on_event(DoorEvent(EventType.DEVICE_LOST, now, detail=f"{self._name}: {error}"))

    def _find(self) -> None:
        self._backoff.reset()
        if self._lost:
            self._lost = False
            log.info("%s works again", self._name)
            self._on_event(DoorEvent(EventType.DEVICE_BACK, self._clock(), detail=self._name))
