"""Drives the strike, and keeps it driven: a relay board that lost its power has its relays off and tells nobody."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from hw.errors import LineError
from hw.strike import Strike

log = logging.getLogger(__name__)

AGAIN_SECONDS = 1.0
STATES = {EventType.UNLOCKED: True, EventType.LOCKED: False}


class StrikeKeeper:
    """Drives the strike as it was wanted last, and again each second, whether or not that failed before.

    One that can't be driven is told as `device_lost`, once, and as `device_back` when it can; `unlocked` and `locked`
    wait until they are true. One thread at a time.
    """

    def __init__(
        self, *, strike: Strike, tell: Callable[[DoorEvent], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._strike, self._tell, self._clock = strike, tell, clock
        self._wanted = False
        self._withheld: DoorEvent | None = None
        self.unlocked = False
        self.lost = False
        self.due = clock()

    def drive(self, unlock: bool) -> None:
        """Unlock or lock now."""
        self._wanted = unlock
        try:
            if unlock:
                self._strike.unlock()
            else:
                self._strike.lock()
        except LineError as error:
            self._fail(error)
        else:
            self._succeed(unlock)
        self.due = self._clock() + AGAIN_SECONDS

    def follow_time(self, now: float) -> None:
        """Drive it again at `due` (monotonic seconds)."""
        if now >= self.due:
            self.drive(self._wanted)

    def tell(self, event: DoorEvent) -> None:
        """Pass on what the state machine tells, after the strike was driven for it."""
        if event.type not in STATES:
            self._tell(event)
        elif self._withheld is not None:
            # What never came true does not end either.
            self._withheld = None
        elif self.lost:
            self._withheld = event
        else:
            self._tell(event)

    def _fail(self, error: LineError) -> None:
        if not self.lost:
            self.lost = True
            log.error("the strike can't be driven: %s", error)
            self._tell(DoorEvent(EventType.DEVICE_LOST, self._clock(), detail=f"strike: {error}"))

    def _succeed(self, unlock: bool) -> None:
        self.unlocked = unlock
        if self.lost:
            self.lost = False
            self._tell(DoorEvent(EventType.DEVICE_BACK, self._clock(), detail="strike"))
        if self._withheld is not None and STATES[self._withheld.type] is unlock:
            self._tell(replace(self._withheld, at=self._clock()))
            self._withheld = None
