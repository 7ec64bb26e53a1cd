import pytest

from daemon.config.door import Door
from daemon.door.entry import EntryWatch
from daemon.door.machine import DoorMachine
from daemon.events.building_events import EventType
from daemon.events.door_changes import (
    Cause,
    Change,
    Contact,
    DoorEvent,
    Elapsed,
    Lockdown,
    LockNow,
    Release,
    Schedule,
)
from daemon.types import Decision, Reason


def watch(*, is_open: bool | None = False) -> tuple[EntryWatch, list[str]]:
    left: list[str] = []
    entry = EntryWatch(left=left.append)
    entry.tell_door(locked=True, lockdown=False, is_open=is_open)
    return entry, left


def grant(who: str, reason: Reason = Reason.GRANTED) -> Decision:
    return Decision(1, reason, 0.0, who, 0.8, 0.9)


def locked(at: float) -> DoorEvent:
    return DoorEvent(EventType.LOCKED, at)


def test_who_was_granted_and_did_not_open_is_not_inside() -> None:
    entry, left = watch()
    entry.tell(grant("ada"), 1.0)
    entry.tell(grant("bob"), 2.0)
    entry.tell_event(DoorEvent(EventType.NO_ENTRY, 5.0))
    entry.tell_event(locked(5.0))
    entry.tell_event(locked(9.0))
    assert left == ["ada", "bob"]


def test_who_opened_stays_inside_when_the_next_one_does_not() -> None:
    entry, left = watch()
    entry.tell(grant("ada"), 1.0)
    entry.tell_event(DoorEvent(EventType.OPENED, 2.0))
    entry.tell_event(locked(2.0))
    entry.tell(grant("bob"), 3.0)
    entry.tell_event(locked(5.0))
    assert left == ["bob"]


def test_a_grant_as_the_pulse_of_another_ends_is_not_meant() -> None:
    entry, left = watch()
    entry.tell(grant("ada"), 1.0)
    entry.tell(grant("bob"), 5.001)
    entry.tell_event(locked(5.0))
    assert left == ["ada"]
    entry.tell_event(locked(9.0))
    assert left == ["ada", "bob"]


@pytest.mark.parametrize("is_open", [None, True], ids=["without contact", "at an open door"])
def test_where_no_contact_denies_it_they_are_believed_to_have_come_in(is_open: bool | None) -> None:
    entry, left = watch(is_open=is_open)
    entry.tell(grant("ada"), 1.0)
    entry.tell_event(locked(5.0))
    entry.tell_door(locked=True, lockdown=False, is_open=False)
    entry.tell_event(locked(9.0))
    assert not left


@pytest.mark.parametrize(
    "interruption",
    [
        [(2.0, LockNow())],
        [(2.0, Lockdown(True))],
        [(2.0, Release(Cause.EXIT_BUTTON)), (9.0, Elapsed())],
        [(2.0, Release(Cause.COMMAND)), (9.0, Elapsed())],
        [(2.0, Schedule(True)), (60.0, Schedule(False))],
    ],
)
def test_whatever_ends_the_pulse_who_did_not_open_is_not_inside(interruption: list[tuple[float, Change]]) -> None:
    entry, left = watch()
    machine = DoorMachine(settings=Door())
    entry.tell(grant("ada"), 1.0)
    for at, change in [(0.0, Contact(False)), (1.0, Release(Cause.GRANT)), *interruption]:
        for event in machine.feed(change, at).events:
            entry.tell_event(event)
    assert left == ["ada"]


def test_a_grant_that_opened_nothing_lets_nobody_in() -> None:
    entry, left = watch()
    entry.tell(grant("ada", Reason.LOCKDOWN))
    entry.tell(grant("bob", Reason.STALE))
    entry.tell(grant("eve"), None)
    entry.tell(Decision(2, Reason.UNKNOWN, 0.0))
    assert left == ["ada", "bob", "eve"]
