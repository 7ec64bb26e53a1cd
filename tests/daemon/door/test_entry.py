from daemon.door.entry import EntryWatch
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.types import Decision, Reason


def watch() -> tuple[EntryWatch, list[str]]:
    left: list[str] = []
    return EntryWatch(left=left.append), left


def grant(who: str, reason: Reason = Reason.GRANTED) -> Decision:
    return Decision(1, reason, 0.0, who, 0.8, 0.9)


def test_who_was_granted_and_did_not_open_is_not_inside() -> None:
    entry, left = watch()
    entry.tell(grant("ada"), 1.0)
    entry.tell(grant("bob"), 2.0)
    entry.tell_event(DoorEvent(EventType.NO_ENTRY, 5.0))
    entry.tell_event(DoorEvent(EventType.NO_ENTRY, 9.0))
    assert left == ["ada", "bob"]


def test_who_opened_stays_inside_when_the_next_one_does_not() -> None:
    entry, left = watch()
    entry.tell(grant("ada"), 1.0)
    entry.tell_event(DoorEvent(EventType.OPENED, 2.0))
    entry.tell_event(DoorEvent(EventType.LOCKED, 2.0))
    entry.tell(grant("bob"), 3.0)
    entry.tell_event(DoorEvent(EventType.NO_ENTRY, 5.0))
    assert left == ["bob"]


def test_a_grant_as_the_pulse_of_another_ends_is_not_meant() -> None:
    entry, left = watch()
    entry.tell(grant("ada"), 1.0)
    entry.tell(grant("bob"), 5.001)
    entry.tell_event(DoorEvent(EventType.NO_ENTRY, 5.0))
    assert left == ["ada"]
    entry.tell_event(DoorEvent(EventType.NO_ENTRY, 9.0))
    assert left == ["ada", "bob"]


def test_a_door_without_contact_believes_that_they_came_in() -> None:
    entry, left = watch()
    entry.tell(grant("ada"), 1.0)
    entry.tell_event(DoorEvent(EventType.LOCKED, 5.0))
    entry.tell_event(DoorEvent(EventType.NO_ENTRY, 9.0))
    assert not left


def test_a_grant_that_opened_nothing_lets_nobody_in() -> None:
    entry, left = watch()
    entry.tell(grant("ada", Reason.LOCKDOWN))
    entry.tell(grant("bob", Reason.STALE))
    entry.tell(grant("eve"), None)
    entry.tell(Decision(2, Reason.UNKNOWN, 0.0))
    assert left == ["ada", "bob", "eve"]
