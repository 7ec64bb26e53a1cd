"""What stands on the screen, from all who know a part of it: door, rules and guidance. Each is answered at once."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from queue import Queue

from daemon.config.screen import Shown
from daemon.events.broadcast import Broadcast
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.live.guidance import Hint
from daemon.screen.messages import OUTCOMES, Condition, DoorNotice, Happened, Message, Standing
from daemon.screen.names import shown_name
from daemon.types import Decision

SCREENS = 4


class ScreenBoard:
    """Hears the door as its other listeners do. What happened goes to the screens that are there now, nowhere else."""

    def __init__(self, *, show: Shown, wall: Callable[[], float] = time.time) -> None:
        self._show, self._wall = show, wall
        self._messages: Broadcast[Message] = Broadcast(limit=SCREENS)
        self._lock = threading.Lock()
        self._standing = Standing()
        self._lockdown = self._held_open = self._stalled = False
        self._lost = 0

    @property
    def standing(self) -> Standing:
        return self._standing

    def listening(self) -> "AbstractContextManager[Queue[Message] | None]":
        """Within, messages arrive in the queue, first how things stand; None when SCREENS listen already."""
        return self._messages.listening(lambda: (self._standing,))

    def tell(self, decision: Decision, driven: float | None = None) -> None:
        """The door's decision. A grant that did not drive the strike welcomes nobody: the door is told to be lost."""
        if decision.granted and driven is None:
            return
        # On the thread that opens the door: what the table lacks must not stop it.
        outcome = OUTCOMES.get(decision.reason)
        if outcome is not None:
            name = shown_name(decision.person_id, self._show) if decision.granted else ""
            self._messages.tell(Happened(outcome, name, self._wall()))

    def tell_event(self, event: DoorEvent) -> None:
        """Of what happens at the door a screen shows what people can mend, and what keeps it from working."""
        with self._lock:
            if event.type in {EventType.HELD_OPEN, EventType.HELD_OPEN_ENDED}:
                self._held_open = event.type is EventType.HELD_OPEN
            elif event.type in {EventType.DEVICE_LOST, EventType.DEVICE_BACK}:
                self._lost = max(0, self._lost + (1 if event.type is EventType.DEVICE_LOST else -1))
            else:
                return
            self._update()

    def tell_door(self, *, locked: bool, lockdown: bool, is_open: bool | None) -> None:  # noqa: ARG002
        """How the door stands."""
        with self._lock:
            self._lockdown = lockdown
            self._update()

    def guide(self, hint: Hint, *, stalled: bool) -> None:
        """What the person should do, and whether pictures have stopped coming."""
        with self._lock:
            self._stalled = stalled
            self._update(hint)

    def _update(self, hint: Hint | None = None) -> None:
        door = DoorNotice.LOCKED_DOWN if self._lockdown else DoorNotice.NORMAL
        condition = Condition.CAMERA if self._stalled else Condition.DOOR if self._lost else Condition.GOOD
        new = replace(
            self._standing,
            hint=hint or self._standing.hint,
            door=DoorNotice.HELD_OPEN if self._held_open else door,
            condition=condition,
        )
        if new != self._standing:
            self._standing = new
            self._messages.tell(new)
