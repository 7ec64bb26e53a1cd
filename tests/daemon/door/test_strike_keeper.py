import pytest

from daemon.door.strike_keeper import StrikeKeeper
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from hw.errors import LineError
from hw.strike import Strike


class Board:
    """A relay board that can be without power for a moment, or gone."""

    def __init__(self) -> None:
        self.on = self.gone = False

    def set(self, active: bool) -> None:
        if self.gone:
            raise LineError("ttyUSB0 relay 1: gone")
        self.on = active

    def close(self) -> None: ...


class Rig:
    def __init__(self, *, fail_safe: bool = True) -> None:
        self.now = 100.0
        self.board = Board()
        self.told: list[DoorEvent] = []
        strike = Strike(line=self.board, fail_safe=fail_safe)
        self.keeper = StrikeKeeper(strike=strike, tell=self.told.append, clock=lambda: self.now)
        self.keeper.drive(False)

    @property
    def words(self) -> list[EventType]:
        return [event.type for event in self.told]

    def wait(self) -> None:
        """Until it is due once more."""
        assert self.keeper.due > self.now
        self.now = self.keeper.due
        self.keeper.follow_time(self.now)


@pytest.mark.parametrize("fail_safe", [False, True])
@pytest.mark.parametrize("unlock", [False, True])
def test_a_board_that_forgot_is_told_again_within_a_second(fail_safe: bool, unlock: bool) -> None:
    rig = Rig(fail_safe=fail_safe)
    rig.keeper.drive(unlock)
    wanted = rig.board.on
    rig.board.on = not wanted
    rig.keeper.follow_time(rig.now + 0.9)
    assert rig.board.on is not wanted
    rig.wait()
    assert rig.now <= 101.0
    assert rig.board.on is wanted
    assert rig.told == []


def test_a_board_that_is_pulled_out_of_a_locked_door_is_missed_and_locked_when_it_is_back() -> None:
    rig = Rig()
    rig.board.gone, rig.board.on = True, False
    rig.wait()
    rig.wait()
    assert [(event.type, event.detail) for event in rig.told] == [
        (EventType.DEVICE_LOST, "strike: ttyUSB0 relay 1: gone")
    ]
    assert rig.keeper.lost
    rig.board.gone = False
    rig.wait()
    assert rig.words[1:] == [EventType.DEVICE_BACK]
    assert rig.board.on
    assert not rig.keeper.lost


UNLOCKED, LOCKED = (DoorEvent(kind, 0.0) for kind in (EventType.UNLOCKED, EventType.LOCKED))


def test_unlocked_and_locked_are_told_once_they_are_true() -> None:
    rig = Rig(fail_safe=False)
    rig.board.gone = True
    rig.keeper.drive(True)
    rig.keeper.tell(UNLOCKED)
    assert rig.words == [EventType.DEVICE_LOST]
    assert not rig.keeper.unlocked
    rig.board.gone = False
    rig.wait()
    assert rig.words[1:] == [EventType.DEVICE_BACK, EventType.UNLOCKED]
    assert rig.told[-1].at == rig.now
    assert rig.keeper.unlocked
    rig.board.gone = True
    rig.keeper.drive(False)
    rig.keeper.tell(LOCKED)
    assert rig.keeper.unlocked
    rig.board.gone = False
    rig.wait()
    assert rig.words[3:] == [EventType.DEVICE_LOST, EventType.DEVICE_BACK, EventType.LOCKED]


@pytest.mark.parametrize("mended", [False, True])
def test_an_unlock_that_never_came_true_does_not_end_either(mended: bool) -> None:
    rig = Rig(fail_safe=False)
    rig.board.gone = True
    rig.keeper.drive(True)
    rig.keeper.tell(UNLOCKED)
    rig.board.gone = not mended
    rig.keeper.drive(False)
    rig.keeper.tell(LOCKED)
    rig.board.gone = False
    rig.wait()
    assert rig.words == [EventType.DEVICE_LOST, EventType.DEVICE_BACK]
    rig.keeper.drive(True)
    rig.keeper.tell(UNLOCKED)
    assert rig.words[2:] == [EventType.UNLOCKED]


def test_what_else_happens_is_told_whether_or_not_the_strike_is_lost() -> None:
    rig = Rig()
    rig.board.gone = True
    rig.wait()
    rig.keeper.tell(DoorEvent(EventType.FORCED, 0.0))
    assert rig.words == [EventType.DEVICE_LOST, EventType.FORCED]
