"""The door's state machine: tables of what happens."""

import pytest

from daemon.config.door import Door
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
    State,
    Step,
)

GRANT = Release(Cause.GRANT)
EXIT = Release(Cause.EXIT_BUTTON)
DOOR = Door(pulse_seconds=3, min_pulse_seconds=0.5, max_unlock_seconds=10, held_open_seconds=20, grace_seconds=0.5)
WAIT, FREE = Elapsed(), Schedule(True)
OPEN, CLOSED, LOST = Contact(True), Contact(False), Contact(None)


def walk(*changes: tuple[float, Change], door: Door = DOOR, lockdown: bool = False) -> tuple[DoorMachine, list[str]]:
    """The machine after the changes, and all that was driven and told on the way, in words with their times."""
    machine = DoorMachine(settings=door, lockdown=lockdown)
    told: list[str] = []
    for at, change in changes:
        while machine.deadline is not None and machine.deadline <= at:
            told += words(machine.feed(WAIT, machine.deadline))
        told += words(machine.feed(change, at))
    return machine, told


def words(step: Step) -> list[str]:
    refused = ["refused"] if step.refused else []
    return [f"{event.at:g} {event.type.value}" for event in step.events] + refused


def door(**changes: object) -> Door:
    return Door.model_validate({**DOOR.model_dump(), **changes})


FORCED = ["0 closed", "1 opened", "1 forced"]
NOT_ENTERED = ["0 closed", "1 unlocked", "4 no_entry", "4 locked"]
LOCKED_DOWN = ["1 unlocked", "2 lockdown_on", "2 locked"]
RELEASED = ["3 lockdown_off", "3 unlocked"]
ONE_ENTRY = [(0.0, CLOSED), (1.0, GRANT), (2.0, OPEN), (5.0, CLOSED), (30.0, WAIT)]


@pytest.mark.parametrize(
    ("changes", "told", "state"),
    [
        ([(0.0, WAIT)], [], State.SECURE),
        ([(1.0, GRANT)], ["1 unlocked"], State.UNLOCKED),
        ([(1.0, GRANT), (9.0, WAIT)], ["1 unlocked", "4 locked"], State.SECURE),
        (ONE_ENTRY, ["0 closed", "1 unlocked", "2 opened", "2 locked", "5 closed"], State.SECURE),
        ([(0.0, CLOSED), (1.0, GRANT), (9.0, WAIT)], NOT_ENTERED, State.SECURE),
        ([(1.0, EXIT), (9.0, WAIT)], ["1 exit", "1 unlocked", "4 locked"], State.SECURE),
        ([(0.0, CLOSED), (1.0, OPEN)], FORCED, State.FORCED),
        ([(0.0, CLOSED), (1.0, OPEN), (9.0, CLOSED)], [*FORCED, "9 closed", "9 forced_ended"], State.SECURE),
        ([(1.0, OPEN), (22.0, WAIT)], ["1 opened", "21 held_open"], State.HELD_OPEN),
        ([(1.0, OPEN), (22.0, CLOSED)], ["1 opened", "21 held_open", "22 closed", "22 held_open_ended"], State.SECURE),
        ([(1.0, OPEN), (20.9, CLOSED)], ["1 opened", "20.9 closed"], State.SECURE),
        ([(1.0, Release(Cause.COMMAND, 7.0)), (9.0, WAIT)], ["1 unlocked", "8 locked"], State.SECURE),
        ([(1.0, GRANT), (2.0, LockNow()), (9.0, WAIT)], ["1 unlocked", "2 locked"], State.SECURE),
        ([(1.0, FREE), (99.0, WAIT)], ["1 unlocked"], State.SCHEDULED),
        ([(1.0, FREE), (9.0, Schedule(False))], ["1 unlocked", "9 locked"], State.SECURE),
        ([(1.0, FREE), (9.0, LockNow())], ["1 unlocked", "9 locked"], State.SECURE),
        ([(1.0, Lockdown(True)), (2.0, GRANT)], ["1 lockdown_on", "refused"], State.LOCKDOWN),
        ([(1.0, Lockdown(True)), (2.0, EXIT)], ["1 lockdown_on", "2 exit", "2 unlocked"], State.LOCKDOWN),
        ([(1.0, GRANT), (2.0, Lockdown(True)), (2.0, Lockdown(True))], LOCKED_DOWN, State.LOCKDOWN),
        ([(1.0, FREE), (2.0, Lockdown(True)), (3.0, Lockdown(False))], [*LOCKED_DOWN, *RELEASED], State.SCHEDULED),
    ],
)  # fmt: skip
def test_what_happens_is_told(changes: list[tuple[float, Change]], told: list[str], state: State) -> None:
    machine, heard = walk(*changes)
    assert heard == told
    assert machine.state is state


def test_the_strike_is_driven_once_for_each_change() -> None:
    machine = DoorMachine(settings=DOOR)
    assert machine.feed(GRANT, 1.0).drives == (True,)
    assert machine.feed(GRANT, 2.0).drives == ()
    assert machine.feed(WAIT, 6.0).drives == (False,)
    assert machine.feed(WAIT, 7.0).drives == ()


def test_a_change_that_comes_late_finds_the_pulse_over() -> None:
    machine = DoorMachine(settings=DOOR)
    machine.feed(GRANT, 1.0)
    assert machine.feed(GRANT, 50.0).drives == (False, True)


def test_a_time_in_the_past_counts_as_the_last_one() -> None:
    machine = DoorMachine(settings=DOOR)
    machine.feed(GRANT, 5.0)
    assert machine.feed(OPEN, 4.0).events == (DoorEvent(EventType.OPENED, 5.0),)


def test_a_door_that_opens_at_once_is_still_released_for_the_minimum() -> None:
    machine, told = walk((0.0, CLOSED), (1.0, GRANT), (1.1, OPEN), (1.2, WAIT))
    assert machine.unlocked
    assert machine.deadline == 1.5
    assert told[-1] == "1.1 opened"
    assert machine.feed(WAIT, 1.5).drives == (False,)


def test_a_lock_command_and_a_lockdown_do_not_wait_for_the_minimum() -> None:
    for change in (LockNow(), Lockdown(True)):
        machine = DoorMachine(settings=DOOR)
        machine.feed(GRANT, 1.0)
        assert machine.feed(change, 1.1).drives == (False,)


def test_without_anti_tailgate_the_pulse_lasts_its_time() -> None:
    _, told = walk(*ONE_ENTRY, door=door(relock_on_open=False))
    assert told == ["0 closed", "1 unlocked", "2 opened", "4 locked", "5 closed"]


def test_renewed_pulses_end_at_the_maximum() -> None:
    _, told = walk(*[(1.0 + second, GRANT) for second in range(11)], (10.9, WAIT), (11.0, WAIT))
    assert told == ["1 unlocked", "11 locked", "11 unlocked"]


@pytest.mark.parametrize(("at", "alarm"), [(4.4, False), (4.6, True)])
def test_pulling_in_the_last_moment_is_not_forcing(at: float, alarm: bool) -> None:
    machine, _ = walk((0.0, CLOSED), (1.0, GRANT), (at, OPEN))
    assert (machine.state is State.FORCED) is alarm


def test_a_second_opening_after_the_door_relocked_is_forcing() -> None:
    machine, _ = walk((0.0, CLOSED), (1.0, GRANT), (2.0, OPEN), (2.1, CLOSED), (2.2, OPEN))
    assert machine.state is State.FORCED


def test_a_door_opened_while_its_contact_was_lost_has_been_forced() -> None:
    machine, _ = walk((0.0, CLOSED), (1.0, LOST))
    assert machine.open is None
    machine.feed(OPEN, 2.0)
    assert machine.state is State.FORCED


def test_a_lost_contact_does_not_stop_the_watch_over_an_open_door() -> None:
    _, told = walk((1.0, OPEN), (2.0, LOST), (30.0, OPEN))
    assert told == ["1 opened", "21 held_open"]


def test_free_access_may_stand_open_and_is_watched_again_afterwards() -> None:
    _, told = walk((0.0, FREE), (1.0, OPEN), (99.0, Schedule(False)), (200.0, WAIT))
    assert told == ["0 unlocked", "1 opened", "99 locked", "119 held_open"]


def test_a_door_left_in_lockdown_starts_in_lockdown() -> None:
    _, told = walk((1.0, GRANT), (2.0, FREE), lockdown=True)
    assert told == ["refused"]


def test_the_exit_button_may_be_barred_in_lockdown() -> None:
    _, told = walk((1.0, EXIT), lockdown=True, door=door(exit_in_lockdown=False))
    assert told == ["1 exit", "refused"]
