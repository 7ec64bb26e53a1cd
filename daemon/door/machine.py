"""When the door is locked and what is told about it. Pure: no clock, no line, no I/O."""

from daemon.config.door import Door
from daemon.events.building_events import EventType
from daemon.events.door_changes import (
    Cause,
    Change,
    Contact,
    DoorEvent,
    Lockdown,
    LockNow,
    Release,
    Schedule,
    State,
    Step,
)

NEVER = float("-inf")


class DoorMachine:
    """One door: a strike that is released for a pulse or by a schedule, and a contact that says whether it is open.

    A pulse ends when its time is over, at the latest `max_unlock_seconds` after it began however often it is renewed,
    and as soon as the door has opened (not before `min_pulse_seconds`). The schedule's windows are free access: no
    pulse, no alarm of a door that stands open. A contact that is lost stops no alarm: a door that was closed and locked
    when it vanished, and open when it is back, has been forced.
    """

    def __init__(self, *, settings: Door, lockdown: bool = False) -> None:
        """`lockdown` is how the door was left by the run before."""
        self._settings = settings
        self._lockdown = lockdown
        self._scheduled = False
        self._cause = Cause.GRANT
        self._since = self._now = NEVER
        self._until: float | None = None
        self._grace_until = NEVER
        self._open: bool | None = None
        self._contact_lost = False
        self._held_at: float | None = None
        self._alarm: EventType | None = None
        self._unlocked = False
        self._drives: list[bool] = []
        self._events: list[DoorEvent] = []

    @property
    def unlocked(self) -> bool:
        return self._unlocked

    @property
    def lockdown(self) -> bool:
        return self._lockdown

    @property
    def scheduled(self) -> bool:
        """Whether a window of the schedule is on that no command has ended."""
        return self._scheduled

    @property
    def open(self) -> bool | None:
        """None without a contact, or while it is lost."""
        return None if self._contact_lost else self._open

    @property
    def deadline(self) -> float | None:
        """The monotonic time at which something will happen by itself; the machine wants to be fed then."""
        return min((at for at in (self._until, self._held_at) if at is not None), default=None)

    @property
    def state(self) -> State:
        if self._alarm is not None:
            return State.FORCED if self._alarm is EventType.FORCED else State.HELD_OPEN
        if self._lockdown:
            return State.LOCKDOWN
        if self.open:
            return State.OPEN
        if self._free:
            return State.SCHEDULED
        return State.UNLOCKED if self._unlocked else State.SECURE

    def feed(self, change: Change, now: float) -> Step:
        """Take a change at monotonic time `now`, after all that was due before.

        A `now` in the past counts as the last one.
        """
        self._now = max(now, self._now)
        self._drives, self._events = [], []
        self._expire()
        refused = not self._take(change)
        self._expire()
        return Step(tuple(self._drives), tuple(self._events), refused)

    @property
    def _free(self) -> bool:
        return self._scheduled and not self._lockdown

    def _take(self, change: Change) -> bool:
        if isinstance(change, Release):
            return self._release(change)
        if isinstance(change, Contact):
            self._contact(change.open)
        elif isinstance(change, Lockdown):
            self._set_lockdown(change.on)
        elif isinstance(change, Schedule):
            self._scheduled = change.on
            self._settle(Cause.SCHEDULE)
        elif isinstance(change, LockNow):
            self._scheduled, self._until = False, None
            self._settle()
        return True

    def _expire(self) -> None:
        if self._until is not None and self._until <= self._now:
            self._until = None
            if self._cause is Cause.GRANT and self._open is False and not self._contact_lost and not self._free:
                self._tell(EventType.NO_ENTRY)
            self._settle()
        if self._held_at is not None and self._held_at <= self._now:
            self._held_at = None
            self._raise(EventType.HELD_OPEN)

    def _release(self, release: Release) -> bool:
        if release.cause is Cause.EXIT_BUTTON:
            self._tell(EventType.EXIT)
            if self._lockdown and not self._settings.exit_in_lockdown:
                return False
        elif self._lockdown:
            return False
        if self._until is None:
            self._since = self._now
        wanted = self._now + max(release.seconds or self._settings.pulse_seconds, self._settings.min_pulse_seconds)
        latest = self._since + self._settings.max_unlock_seconds
        self._until = min(max(wanted, self._until or NEVER), latest)
        self._cause = release.cause
        self._settle(release.cause)
        return True

    def _contact(self, is_open: bool | None) -> None:
        if is_open is None:
            self._contact_lost = True
            return
        self._contact_lost = False
        if is_open is self._open:
            return
        first, self._open = self._open is None, is_open
        self._tell(EventType.OPENED if is_open else EventType.CLOSED)
        if not is_open:
            self._closed()
        elif first or self._unlocked or self._now < self._grace_until:
            self._opened()
        else:
            self._raise(EventType.FORCED)

    def _opened(self) -> None:
        self._grace_until = NEVER
        if self._until is not None and self._settings.relock_on_open:
            self._until = min(self._until, max(self._now, self._since + self._settings.min_pulse_seconds))
        self._watch_open_door()

    def _closed(self) -> None:
        self._held_at = None
        if self._alarm is not None:
            ended = EventType.FORCED_ENDED if self._alarm is EventType.FORCED else EventType.HELD_OPEN_ENDED
            self._alarm = None
            self._tell(ended)

    def _set_lockdown(self, on: bool) -> None:
        if on is self._lockdown:
            return
        self._lockdown = on
        if on:
            self._until = None
        self._tell(EventType.LOCKDOWN_ON if on else EventType.LOCKDOWN_OFF)
        self._settle(Cause.SCHEDULE)

    def _settle(self, cause: Cause | None = None) -> None:
        """Drive the strike if it has to change, and start or stop the watch over an open door."""
        wanted = self._until is not None or self._free
        if wanted is not self._unlocked:
            self._unlocked = wanted
            # Who pulls the door in the last moment of the pulse is not a burglar.
            self._grace_until = self._now + (0.0 if wanted or self._open else self._settings.grace_seconds)
            self._drives.append(wanted)
            self._tell(EventType.UNLOCKED if wanted else EventType.LOCKED, cause if wanted else None)
        self._watch_open_door()

    def _watch_open_door(self) -> None:
        if self._free or not self._open or self._alarm is not None:
            self._held_at = None
        elif self._held_at is None:
            self._held_at = self._now + self._settings.held_open_seconds

    def _raise(self, alarm: EventType) -> None:
        self._alarm = alarm
        self._held_at = None
        self._tell(alarm)

    def _tell(self, kind: EventType, cause: Cause | None = None) -> None:
        self._events.append(DoorEvent(kind, self._now, cause))
