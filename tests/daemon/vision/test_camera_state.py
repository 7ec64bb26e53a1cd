import logging

import pytest

from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.vision.camera_state import BLIND, CameraStanding, CameraState
from hw.picture_health import Fault


class Clock:
    now = 1_600_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told() -> list[DoorEvent]:
    return []


@pytest.fixture
def standing(told: list[DoorEvent], clock: Clock) -> CameraStanding:
    return CameraStanding(tell=told.append, clock=clock, wall=clock)


def test_it_begins_blind_and_without_alarm(standing: CameraStanding, told: list[DoorEvent]) -> None:
    assert standing.health.state is CameraState.OPENING
    assert standing.health.blind
    assert not standing.health.blind_for_good
    standing.set(CameraState.OK)
    assert told == []
    assert not standing.health.blind
    assert standing.health.advice == ""


def test_a_failure_is_told_once_and_its_end_with_how_long_it_was(
    standing: CameraStanding, told: list[DoorEvent], clock: Clock
) -> None:
    standing.set(CameraState.OK)
    for state in (CameraState.STALLED, CameraState.ABSENT, CameraState.ABSENT):
        clock.now += 10
        standing.set(state, f"{state.value}: mend it")
    since = standing.health.since
    clock.now += 10
    standing.set(CameraState.OK)
    assert [(event.type, event.detail) for event in told] == [
        (EventType.CAMERA_FAILED, "stalled: stalled: mend it"),
        (EventType.CAMERA_RESTORED, "after 30 s; last it was absent"),
    ]
    assert since == clock.now - 20


def test_the_same_state_is_logged_once(standing: CameraStanding, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for _ in range(5):
        standing.set(CameraState.OK)
    for _ in range(5):
        standing.set(CameraState.DARK)
    assert [record.message.partition(":")[2].split(":")[0].strip() for record in caplog.records] == ["ok", "dark"]


@pytest.mark.parametrize("state", [CameraState.DARK, CameraState.BRIGHT])
def test_nobody_is_called_because_it_is_night(
    state: CameraState, standing: CameraStanding, told: list[DoorEvent]
) -> None:
    standing.set(state, advice="look at it")
    assert told == []
    assert not standing.health.blind


def test_what_is_told_has_state_time_and_advice(standing: CameraStanding, clock: Clock) -> None:
    standing.set(CameraState.BLACK)
    told = standing.health.told()
    assert (told["state"], told["since"]) == ("black", "2020-09-13T12:26:40.000Z")
    assert "cap" in str(told["advice"])


def test_every_fault_of_a_picture_is_a_state() -> None:
    assert {fault.value for fault in Fault} < {state.value for state in CameraState}
    assert CameraState.WRONG_SIZE not in BLIND


@pytest.mark.parametrize("state", CameraState)
def test_what_is_blind_is_so_for_good_but_while_it_is_being_opened(
    standing: CameraStanding, state: CameraState
) -> None:
    standing.set(state, advice="look at it")
    assert standing.health.blind_for_good is (state in BLIND - {CameraState.OPENING})
