"""The thread that owns the strike and alone drives it: the state machine's hands and ears."""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from daemon.door.machine import DoorMachine
from daemon.door.strike_keeper import StrikeKeeper
from daemon.errors import DoorError
from daemon.events.door_changes import Cause, Change, Contact, DoorEvent, Elapsed, Lockdown, LockNow, Release, Schedule
from daemon.log_line import fields
from daemon.types import Decision, Reason
from hw.strike import Strike

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5


class DoorListener(Protocol):
    """Hears what happens at the door; each method returns at once."""

    def tell(self, decision: Decision, driven: float | None = None) -> None: ...

    def tell_event(self, event: DoorEvent) -> None: ...

    def tell_door(self, *, locked: bool, lockdown: bool, is_open: bool | None) -> None: ...


@dataclass(frozen=True)
class _Asked:
    """A change, when it happened (monotonic; None: now), and the decision behind it, if there is one."""

    change: Change
    at: float | None = None
    decision: Decision | None = None


class DoorRunner:
    """Feeds the machine with grants, commands, lines and time. Locked at start and however the thread ends.

    The strike is driven before anything is told, at a command to lock even where it should be locked. `free_access`
    says whether a window of the unlock schedule is on. `turns` counts what was served and the half seconds in which
    there was nothing. `window_ended` says whether the window that is on was ended by a command, at the start: by one to
    the run before.
    """

    def __init__(
        self,
        *,
        strike: Strike,
        machine: DoorMachine,
        listener: DoorListener,
        grant_deadline_seconds: float,
        max_unlock_seconds: float,
        free_access: Callable[[], bool] = lambda: False,
        window_ended: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._strike, self._machine, self._listener = strike, machine, listener
        self._keeper = StrikeKeeper(strike=strike, tell=listener.tell_event, clock=clock)
        self._grant_deadline_seconds, self._max_unlock_seconds = grant_deadline_seconds, max_unlock_seconds
        self._free_access, self._clock = free_access, clock
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._waiting: deque[_Asked] = deque()
        self._free = self.window_ended = window_ended
        self._ended = False
        self.turns = 0
        self._told: tuple[bool, bool, bool | None] | None = None

    @property
    def unlocked(self) -> bool:
        """Whether the strike is released, as it could be driven last."""
        return self._keeper.unlocked

    @property
    def lockdown_on(self) -> bool:
        """Whether the door is locked down."""
        return self._machine.lockdown

    def grant(self, decision: Decision) -> None:
        """Ask for the door to be unlocked; returns at once. A grant older than its deadline opens nothing."""
        self._asked.put(_Asked(Release(Cause.GRANT), decision=decision))

    def unlock(self, seconds: int | None) -> None:
        """Unlock by command. Raises DoorError in a lockdown, beyond door.max_unlock_seconds and at the end."""
        if self._machine.lockdown:
            raise DoorError("the door is locked down; end the lockdown first")
        if seconds is not None and seconds > self._max_unlock_seconds:
            raise DoorError(f"{seconds} s: door.max_unlock_seconds allows {self._max_unlock_seconds:g} s at most")
        self._command(Release(Cause.COMMAND, seconds))

    def lock(self) -> None:
        """Lock by command, also where a schedule had unlocked, until its next window. Raises DoorError at the end."""
        self._command(LockNow())

    def lockdown(self, *, on: bool) -> None:
        """Begin or end a lockdown by command. Raises DoorError at the end."""
        self._command(Lockdown(on))

    def contact(self, is_open: bool | None, at: float) -> None:
        """The contact reads so since monotonic time `at`; None while it is lost."""
        self._asked.put(_Asked(Contact(is_open), at=at))

    def exit_pressed(self, at: float) -> None:
        """The exit button was pressed at monotonic time `at`."""
        self._asked.put(_Asked(Release(Cause.EXIT_BUTTON), at=at))

    def _command(self, change: Change) -> None:
        if self._ended:
            raise DoorError("the terminal is stopping; ask again when it runs")
        self._asked.put(_Asked(change))

    def wake(self) -> None:
        """Make a waiting `run` look at its stop event."""
        self._asked.put(None)

    def run(self, stop: threading.Event) -> None:
        """Serve until told to stop. The strike is locked on every way out; raises LineError if it can't be then.

        Of what was asked before the stop and not served, commands to lock and lockdowns hold, for the next start.
        """
        try:
            self._keeper.drive(False)
            self._show()
            while not stop.is_set():
                self._wait()
                if stop.is_set():
                    break
                # First, so that a command to lock ends a window that has just begun, too.
                self._follow_time()
                if self._waiting:
                    self._take(self._waiting.popleft())
                self.turns += 1
        finally:
            self._strike.lock()
            self._end()

    def _wait(self) -> None:
        """Until something is asked or due."""
        dues = [due for due in (self._machine.deadline, self._keeper.due) if due is not None]
        timeout = min(POLL_SECONDS, min(dues) - self._clock())
        with suppress(queue.Empty):
            self._note(self._asked.get(timeout=max(0.0, timeout)))

    def _note(self, asked: _Asked | None) -> None:
        if asked is not None:
            self._waiting.append(asked)

    def _take(self, asked: _Asked) -> None:
        now = self._clock()
        decision = asked.decision
        if decision is not None and now - decision.captured > self._grant_deadline_seconds:
            self._refuse(decision, f"is {now - decision.captured:.1f} s old")
            return
        self._feed(asked.change, now if asked.at is None else min(asked.at, now), decision)

    def _feed(self, change: Change, now: float, decision: Decision | None = None) -> None:
        step = self._machine.feed(change, now)
        # Who gives such a command may have seen that the lock is not as it should be.
        again = (self._machine.unlocked,) if isinstance(change, LockNow | Lockdown) else ()
        for unlock in step.drives or again:
            self._keeper.drive(unlock)
        driven = self._clock()
        if decision is not None:
            if step.refused:
                self._listener.tell(replace(decision, reason=Reason.LOCKDOWN))
            else:
                self._listener.tell(decision, None if self._keeper.lost else driven)
        for event in step.events:
            self._keeper.tell(event)
        self._show()

    def _refuse(self, decision: Decision, why: str) -> None:
        log.error("a grant %s and opens nothing", why, extra=fields(person=decision.person_id))
        self._listener.tell(replace(decision, reason=Reason.STALE))

    def _end(self) -> None:
        """The strike is locked for good: nothing is unlocked any more, whatever waits."""
        self._ended = True
        for _ in range(self._asked.qsize()):
            self._note(self._asked.get())
        self._tell_last(LockNow())
        for asked in self._waiting:
            if isinstance(asked.change, LockNow | Lockdown):
                self._tell_last(asked.change)
                self.window_ended = self.window_ended or (self._free and isinstance(asked.change, LockNow))
            elif asked.decision is not None:
                self._refuse(asked.decision, "came as the terminal stopped")
        self._listener.tell_door(locked=True, lockdown=self._machine.lockdown, is_open=self._machine.open)

    def _tell_last(self, change: Change) -> None:
        for event in self._machine.feed(change, self._clock()).events:
            self._listener.tell_event(event)

    def _follow_time(self) -> None:
        now = self._clock()
        self._feed(Elapsed(), now)
        if (free := self._free_access()) is not self._free:
            self._free = free
            self._feed(Schedule(free), now)
        self._keeper.follow_time(self._clock())
        self._show()

    def _show(self) -> None:
        self.window_ended = self._free and not self._machine.scheduled
        stands = (not self._keeper.unlocked, self._machine.lockdown, self._machine.open)
        if stands != self._told:
            self._told = stands
            self._listener.tell_door(locked=stands[0], lockdown=stands[1], is_open=stands[2])
