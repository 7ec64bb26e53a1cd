"""Random sequences through the door's state machine, against an observer who sees only the wires and what was told.

DOOR_SEQUENCES sets how many (the benchmark runs 100,000).
"""

import os
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.config.door import Door
from daemon.door.machine import DoorMachine
from daemon.events.building_events import EventType
from daemon.events.door_changes import Cause, Change, Contact, Elapsed, Lockdown, LockNow, Release, Schedule, Step

COUNT = int(os.environ.get("DOOR_SEQUENCES", "400"))
LONG_AGO = float("-inf")
ALARMS = {EventType.FORCED: EventType.FORCED_ENDED, EventType.HELD_OPEN: EventType.HELD_OPEN_ENDED}
PLAIN = Door(pulse_seconds=3, min_pulse_seconds=0.5, max_unlock_seconds=10, held_open_seconds=20, grace_seconds=0.5)
DOORS = [
    PLAIN,
    PLAIN.model_copy(update={"relock_on_open": False, "exit_in_lockdown": False}),
    PLAIN.model_copy(update={"held_open_seconds": 1.0, "grace_seconds": 0.0, "min_pulse_seconds": 0.0}),
    PLAIN.model_copy(update={"pulse_seconds": 10.0, "min_pulse_seconds": 5.0}),
]
CHANGES = st.one_of(
    st.builds(Release, st.sampled_from([Cause.GRANT, Cause.EXIT_BUTTON])),
    st.builds(Release, st.just(Cause.COMMAND), st.floats(0.01, 100)),
    st.builds(Contact, st.sampled_from([True, False, None])),
    st.sampled_from([Lockdown(True), Lockdown(False), Schedule(True), Schedule(False), LockNow(), Elapsed()]),
)
PAUSES = st.one_of(st.sampled_from([0.0, 0.4, 0.5, 3.0, 10.0, 20.0]), st.floats(0, 30))


class Observer:
    """Feeds a machine as the runner does, at each deadline, and asserts after every step."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._machine = DoorMachine(settings=door)
        self._released = self._free = self._lockdown = False
        self._driven_at = self._free_until = self._exit_at = self._lockdown_at = LONG_AGO
        self._contact: bool | None = None
        self._opened_at = LONG_AGO
        self._alarm: EventType | None = None

    def follow(self, sequence: Sequence[tuple[float, Change]]) -> None:
        now = 0.0
        for pause, change in [*sequence, (1000.0, Elapsed())]:
            now += pause
            while (due := self._machine.deadline) is not None and due <= now:
                self._feed(Elapsed(), due)
            self._feed(change, now)

    def _feed(self, change: Change, now: float) -> None:
        was_released, was_open = self._released, self._contact
        self._note(change, now)
        step = self._machine.feed(change, now)
        for drive in step.drives:
            assert drive is not self._released, "driven twice the same way"
            self._released, locked_for = drive, now - self._driven_at
            self._driven_at = now
        if step.drives:
            was_locked_for = 0.0 if was_released else locked_for
        else:
            was_locked_for = 0.0 if was_released else now - self._driven_at
        self._check_strike(now)
        self._check_alarms(step, was_open, was_locked_for, now)

    def _note(self, change: Change, now: float) -> None:
        was_free = self._free and not self._lockdown
        if isinstance(change, Schedule | LockNow):
            self._free = isinstance(change, Schedule) and change.on
        elif isinstance(change, Lockdown) and change.on is not self._lockdown:
            self._lockdown, self._lockdown_at = change.on, now
        elif isinstance(change, Release) and change.cause is Cause.EXIT_BUTTON:
            self._exit_at = now
        elif isinstance(change, Contact) and change.open is not None:
            if change.open and not self._contact:
                self._opened_at = now
            self._contact = change.open
        if was_free:
            self._free_until = now

    def _check_strike(self, now: float) -> None:
        free = self._free and not self._lockdown
        assert self._machine.unlocked is self._released
        if free:
            assert self._released, "a window of free access is locked"
        elif self._released:
            held = now - max(self._driven_at, self._free_until)
            assert held < self._door.max_unlock_seconds + 1e-6, "released beyond the maximum"
            if self._lockdown:
                assert self._door.exit_in_lockdown
                assert self._exit_at >= self._lockdown_at, "released in a lockdown"

    def _check_alarms(self, step: Step, was_open: bool | None, was_locked_for: float, now: float) -> None:
        told = [event.type for event in step.events]
        if self._contact and was_open is False:
            if was_locked_for > self._door.grace_seconds:
                assert EventType.FORCED in told, "a forced door raised no alarm"
            if was_locked_for == 0.0 and self._released:
                assert EventType.FORCED not in told, "a released door raised an alarm"
        for kind in told:
            if kind in ALARMS:
                assert self._alarm is None, "one alarm over another"
                assert self._contact, "an alarm of a closed door"
                self._alarm = kind
            elif kind in ALARMS.values():
                assert self._alarm is not None
                assert kind is ALARMS[self._alarm]
                assert not self._contact
                self._alarm = None
        watched = now - max(self._opened_at, self._free_until)
        if self._contact and not (self._free and not self._lockdown):
            assert self._alarm is not None or watched < self._door.held_open_seconds, "a door held open raised no alarm"
        elif not self._contact:
            assert self._alarm is None, "an alarm of a closed door goes on"


@settings(max_examples=COUNT, deadline=None)
@given(sequence=st.lists(st.tuples(PAUSES, CHANGES), max_size=40), door=st.sampled_from(DOORS))
def test_no_sequence_holds_the_strike_or_loses_an_alarm(sequence: Sequence[tuple[float, Change]], door: Door) -> None:
    Observer(door).follow(sequence)
