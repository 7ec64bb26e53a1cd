import queue
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from daemon.config.door import Door
from daemon.door.machine import DoorMachine
from daemon.door.runner import DoorRunner
from daemon.errors import DoorError
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.types import Decision, Reason
from hw.errors import LineError
from hw.lines import OutputLine
from hw.simulated import SimulatedOutputLine
from hw.strike import Strike

LOCKDOWN_ON, LOCKDOWN_OFF = EventType.LOCKDOWN_ON, EventType.LOCKDOWN_OFF
LONG = 10.0
PULSE = 0.2


def granted(captured: float | None = None) -> Decision:
    return Decision(1, Reason.GRANTED, time.monotonic() if captured is None else captured, "ann", 0.7, 0.9)


class House:
    """A door that runs in a thread, and what it told."""

    def __init__(
        self,
        line: OutputLine,
        *,
        deadline: float = LONG,
        pulse_seconds: float = PULSE,
        clock: Callable[[], float] = time.monotonic,
        free: bool = False,
        window_ended: bool = False,
    ) -> None:
        self.decisions: queue.SimpleQueue[tuple[Decision, float | None]] = queue.SimpleQueue()
        self.events: queue.SimpleQueue[DoorEvent] = queue.SimpleQueue()
        self.states: queue.SimpleQueue[tuple[bool, bool, bool | None]] = queue.SimpleQueue()
        self.error: BaseException | None = None
        self.stop = threading.Event()
        self.free = free
        door = Door(pulse_seconds=pulse_seconds, min_pulse_seconds=0.0)
        self.door = DoorRunner(
            strike=Strike(line=line, fail_safe=False),
            machine=DoorMachine(settings=door),
            listener=self,
            grant_deadline_seconds=deadline,
            max_unlock_seconds=door.max_unlock_seconds,
            free_access=lambda: self.free,
            window_ended=window_ended,
            clock=clock,
        )
        self.thread = threading.Thread(target=self._run)

    def tell(self, decision: Decision, driven: float | None = None) -> None:
        self.decisions.put((decision, driven))

    def tell_event(self, event: DoorEvent) -> None:
        self.events.put(event)

    def tell_door(self, *, locked: bool, lockdown: bool, is_open: bool | None) -> None:
        self.states.put((locked, lockdown, is_open))

    def wait_for(self, kind: EventType) -> DoorEvent:
        """The next event of that type; the others before it are passed over."""
        while (event := self.events.get(timeout=LONG)).type is not kind:
            continue
        return event

    def _run(self) -> None:
        try:
            self.door.run(self.stop)
        except Exception as error:
            self.error = error

    def finish(self) -> None:
        self.stop.set()
        self.door.wake()
        self.thread.join(LONG)
        assert not self.thread.is_alive()


@pytest.fixture
def line() -> SimulatedOutputLine:
    return SimulatedOutputLine()


@pytest.fixture
def open_house(line: SimulatedOutputLine) -> Iterator[Callable[..., House]]:
    houses: list[House] = []

    def make(line: OutputLine = line, **options: Any) -> House:
        house = House(line, **options)
        houses.append(house)
        house.thread.start()
        return house

    yield make
    for house in houses:
        house.finish()


def pulses(line: SimulatedOutputLine) -> list[float]:
    """How long each pulse was, in seconds."""
    lengths, began = [], None
    for time_, active in line.history:
        if active and began is None:
            began = time_
        elif not active and began is not None:
            lengths.append(time_ - began)
            began = None
    assert began is None
    return lengths


def test_it_is_locked_at_the_start_and_after_the_end(
    line: SimulatedOutputLine, open_house: Callable[..., House]
) -> None:
    house = open_house()
    assert house.states.get(timeout=LONG) == (True, False, None)
    house.finish()
    assert house.states.get(timeout=LONG) == (True, False, None)
    assert pulses(line) == []
    assert house.error is None


def test_a_grant_is_one_pulse(line: SimulatedOutputLine, open_house: Callable[..., House]) -> None:
    house = open_house()
    decision = granted()
    house.door.grant(decision)
    told, at = house.decisions.get(timeout=LONG)
    assert told is decision
    assert at is not None
    assert decision.captured <= at <= time.monotonic()
    assert [house.states.get(timeout=LONG)[0] for _ in range(3)] == [True, False, True]
    (length,) = pulses(line)
    assert PULSE * 0.9 <= length < PULSE + LONG


def test_a_grant_within_a_pulse_makes_it_longer(line: SimulatedOutputLine, open_house: Callable[..., House]) -> None:
    house = open_house(pulse_seconds=1.0)
    house.door.grant(granted())
    house.decisions.get(timeout=LONG)
    assert not house.stop.wait(0.5)
    house.door.grant(granted())
    _, at = house.decisions.get(timeout=LONG)
    assert at is not None
    while line.active:
        time.sleep(0.01)
    assert line.history[-1].time >= at + 0.9
    assert len(pulses(line)) == 1


def test_being_woken_does_not_shorten_a_pulse(line: SimulatedOutputLine, open_house: Callable[..., House]) -> None:
    house = open_house()
    house.door.grant(granted())
    house.decisions.get(timeout=LONG)
    for _ in range(100):
        house.door.wake()
    while line.active:
        time.sleep(0.01)
    assert pulses(line)[0] >= PULSE * 0.9


def test_a_stale_grant_opens_nothing(
    line: SimulatedOutputLine, open_house: Callable[..., House], caplog: pytest.LogCaptureFixture
) -> None:
    house = open_house(deadline=1.0)
    house.door.grant(granted(time.monotonic() - 1.1))
    house.door.grant(granted())
    assert house.decisions.get(timeout=LONG)[0].reason is Reason.STALE
    assert house.decisions.get(timeout=LONG)[0].reason is Reason.GRANTED
    house.finish()
    assert len(pulses(line)) == 1
    assert "a grant is 1." in caplog.text


def test_stopping_ends_a_pulse(line: SimulatedOutputLine, open_house: Callable[..., House]) -> None:
    house = open_house(pulse_seconds=60.0)
    house.door.grant(granted())
    house.decisions.get(timeout=LONG)
    house.finish()
    assert not line.active
    assert pulses(line)[0] < LONG


class Jammed:
    """A line that fails when it is made active, until it is mended."""

    def __init__(self) -> None:
        self.driven: list[bool] = []
        self.mended = threading.Event()

    def set(self, active: bool) -> None:
        self.driven.append(active)
        if active and not self.mended.is_set():
            raise LineError("GPIO17: jammed")

    def close(self) -> None: ...


def test_a_line_that_fails_is_alarmed_retried_and_driven_inactive(open_house: Callable[..., House]) -> None:
    line = Jammed()
    house = open_house(line, pulse_seconds=30.0)
    house.door.grant(granted())
    assert house.decisions.get(timeout=LONG)[1] is None
    lost = house.wait_for(EventType.DEVICE_LOST)
    assert lost.detail == "strike: GPIO17: jammed"
    assert not house.door.unlocked
    line.mended.set()
    assert house.events.get(timeout=LONG).type is EventType.DEVICE_BACK
    assert house.events.get(timeout=LONG).type is EventType.UNLOCKED
    assert [house.states.get(timeout=LONG)[0] for _ in range(2)] == [True, False]
    house.finish()
    assert house.error is None
    assert line.driven[-2:] == [True, False]


class Forgetful:
    """A line that tells how it is driven, and each time forgets it."""

    def __init__(self) -> None:
        self.driven: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def set(self, active: bool) -> None:
        self.driven.put(active)

    def close(self) -> None: ...


def test_a_locked_strike_is_driven_again_by_itself(open_house: Callable[..., House]) -> None:
    line = Forgetful()
    open_house(line)
    assert [line.driven.get(timeout=LONG) for _ in range(4)] == [False] * 4


@pytest.mark.parametrize("command", [DoorRunner.lock, partial(DoorRunner.lockdown, on=True)])
def test_a_command_to_lock_drives_a_strike_that_should_be_locked(
    open_house: Callable[..., House], command: Callable[[DoorRunner], None]
) -> None:
    line = Forgetful()
    house = open_house(line, clock=lambda: 100.0)
    command(house.door)
    assert [line.driven.get(timeout=LONG) for _ in range(3)] == [False] * 3


def test_it_locks_when_whoever_is_told_fails(line: SimulatedOutputLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_decision: Decision, _at: float | None) -> None:
        raise RuntimeError("nobody listens")

    house = House(line, pulse_seconds=60.0)
    monkeypatch.setattr(house, "tell", fail)
    house.door.grant(granted())
    with pytest.raises(RuntimeError, match="nobody listens"):
        house.door.run(threading.Event())
    assert not line.active
    assert len(pulses(line)) == 1


def test_a_told_stop_serves_no_grant(line: SimulatedOutputLine) -> None:
    house = House(line)
    house.stop.set()
    house.door.grant(granted())
    house.door.run(house.stop)
    assert pulses(line) == []


def test_a_grant_that_comes_as_it_stops_is_told_not_to_have_opened(line: SimulatedOutputLine) -> None:
    house = House(line)
    house.stop.set()
    house.door.grant(granted())
    house.door.run(house.stop)
    assert house.decisions.get_nowait()[0].reason is Reason.STALE


def test_a_lockdown_asked_before_the_stop_holds_at_the_next_start(line: SimulatedOutputLine) -> None:
    house = House(line)
    house.free = True
    house.stop.set()
    for on in (True, False, True):
        house.door.lockdown(on=on)
    house.door.run(house.stop)
    assert house.door.lockdown_on
    with pytest.raises(DoorError, match="stopping"):
        house.door.lockdown(on=False)
    assert [house.events.get_nowait().type for _ in range(3)] == [LOCKDOWN_ON, LOCKDOWN_OFF, LOCKDOWN_ON]
    assert house.events.empty()
    assert [house.states.get_nowait() for _ in range(2)] == [(True, False, None), (True, True, None)]
    assert pulses(line) == []


def test_a_pulse_that_the_stop_ends_is_told_to_be_over(open_house: Callable[..., House]) -> None:
    house = open_house(pulse_seconds=60.0)
    house.door.grant(granted())
    house.wait_for(EventType.UNLOCKED)
    house.finish()
    assert house.events.get_nowait().type is EventType.LOCKED


def test_the_strike_is_driven_before_anything_is_told(line: SimulatedOutputLine) -> None:
    house = House(line)
    driven: list[bool] = []
    house.tell = lambda *_: driven.append(line.active) or house.stop.set()  # type: ignore[method-assign, func-returns-value]
    house.door.grant(granted())
    house.door.run(house.stop)
    assert driven == [True]


def test_commands_unlock_lock_and_lock_down(line: SimulatedOutputLine, open_house: Callable[..., House]) -> None:
    house = open_house()
    house.door.unlock(30)
    assert house.wait_for(EventType.UNLOCKED).cause == "command"
    house.door.lock()
    house.wait_for(EventType.LOCKED)
    house.door.lockdown(on=True)
    house.wait_for(EventType.LOCKDOWN_ON)
    with pytest.raises(DoorError, match="locked down"):
        house.door.unlock(None)
    house.door.grant(granted())
    assert house.decisions.get(timeout=LONG)[0].reason is Reason.LOCKDOWN
    house.door.lockdown(on=False)
    house.wait_for(EventType.LOCKDOWN_OFF)
    with pytest.raises(DoorError, match="max_unlock_seconds allows 60 s"):
        house.door.unlock(61)
    assert len(pulses(line)) == 1


def test_the_contact_relocks_and_the_exit_button_unlocks(open_house: Callable[..., House]) -> None:
    house = open_house(pulse_seconds=30.0)
    house.door.contact(False, time.monotonic())
    house.wait_for(EventType.CLOSED)
    house.door.exit_pressed(time.monotonic())
    house.wait_for(EventType.UNLOCKED)
    house.door.contact(True, time.monotonic())
    house.wait_for(EventType.LOCKED)
    house.door.contact(False, time.monotonic())
    house.wait_for(EventType.CLOSED)
    house.finish()
    while not house.states.empty():
        last = house.states.get()
    assert last == (True, False, False)


def test_a_window_of_free_access_is_followed(line: SimulatedOutputLine, open_house: Callable[..., House]) -> None:
    house = open_house()
    house.free = True
    assert house.wait_for(EventType.UNLOCKED).cause == "schedule"
    house.free = False
    house.wait_for(EventType.LOCKED)
    assert not line.active


def test_a_command_to_lock_ends_the_window_and_is_known_at_the_end(open_house: Callable[..., House]) -> None:
    house = open_house(free=True)
    house.wait_for(EventType.UNLOCKED)
    assert not house.door.window_ended
    house.door.lock()
    house.wait_for(EventType.LOCKED)
    house.finish()
    assert house.door.window_ended


def test_a_command_to_lock_that_is_the_first_of_all_ends_the_window(line: SimulatedOutputLine) -> None:
    house = House(line, free=True)
    house.door.lock()
    house.thread.start()
    house.wait_for(EventType.LOCKED)
    house.finish()
    assert house.door.window_ended


def test_a_command_to_lock_asked_before_the_stop_ends_the_window(open_house: Callable[..., House]) -> None:
    house = open_house(free=True)
    house.wait_for(EventType.UNLOCKED)
    house.stop.set()
    house.door.lock()
    house.finish()
    assert house.door.window_ended


def test_an_ended_window_stays_so_at_the_next_start_and_the_next_one_does_not(open_house: Callable[..., House]) -> None:
    house = open_house(free=True, window_ended=True)
    house.door.exit_pressed(time.monotonic())
    assert house.wait_for(EventType.UNLOCKED).cause == "exit_button"
    house.wait_for(EventType.LOCKED)
    assert house.door.window_ended
    house.free = False
    turns = house.door.turns
    while house.door.turns < turns + 2:
        house.door.wake()
    assert not house.door.window_ended
    house.free = True
    assert house.wait_for(EventType.UNLOCKED).cause == "schedule"
