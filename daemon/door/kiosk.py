"""Tells a screen at a serial port each decision, as a line of JSON, from a thread of its own."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Protocol

from daemon.events.door_changes import DoorEvent
from daemon.timestamps import to_iso
from daemon.types import Decision
from hw import kiosk_line
from hw.errors import HardwareError

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
WAITING = 100


class Port(Protocol):
    """Where lines go."""

    def write(self, data: bytes) -> None:
        """Raises HardwareError."""
        ...

    def close(self) -> None: ...


class KioskLink:
    """Hears what the door tells. A screen that is away misses decisions: what is late is of no use to it."""

    def __init__(self, *, open_port: Callable[[], Port], wall: Callable[[], float] = time.time) -> None:
        self._open_port, self._wall = open_port, wall
        self._lines: queue.Queue[bytes] = queue.Queue(maxsize=WAITING)
        self._port: Port | None = None
        self._away = False

    def tell(self, decision: Decision, driven: float | None = None) -> None:
        """Hand over a decision; returns at once. A grant that did not drive the strike let nobody in."""
        if decision.granted and driven is None:
            return
        line = kiosk_line.line(
            time=to_iso(self._wall()),
            decision="granted" if decision.granted else "denied",
            reason=decision.reason.value,
            person=decision.person_id,
        )
        if not self._lines.full():
            self._lines.put_nowait(line)

    def tell_event(self, event: DoorEvent) -> None:
        """A screen hears of decisions only: duress, above all, is not for it."""

    def tell_door(self, *, locked: bool, lockdown: bool, is_open: bool | None) -> None:
        """A screen hears of decisions only."""

    def run(self, stop: threading.Event) -> None:
        """Serve until told to stop."""
        while not stop.is_set():
            try:
                self._write(self._lines.get(timeout=POLL_SECONDS))
            except queue.Empty:
                continue
        if self._port is not None:
            self._port.close()

    def _write(self, line: bytes) -> None:
        try:
            self._port = self._port or self._open_port()
            self._port.write(line)
        except HardwareError as error:
            if not self._away:
                log.warning("kiosk: %s", error)
            self._away = True
            return
        self._away = False
