import queue
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from daemon.door import Door
from daemon.types import Decision, Reason
from hw.errors import LineError
from hw.lines import OutputLine
from hw.simulated import SimulatedOutputLine
from hw.strike import Strike

LONG = 10.0
PULSE = 0.2


def granted(captured: float | None = None) -> Decision:
    return Decision(1, Reason.GRANTED, time.monotonic() if captured is None else captured, "ann", 0.7, 0.9)


class House:
    """A door that runs in a thread, and what it told."""

    def __init__(self, line: OutputLine, *, pulse_seconds: float = PULSE, deadline: float = LONG) -> None:
        self.unlocked: queue.SimpleQueue[tuple[Decision, float]] = queue.SimpleQueue()
        self.locked: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self.error: BaseException | None = None
        self.stop = threading.Event()
        self.door = Door(
            strike=Strike(line=line, fail_safe=False),
            pulse_seconds=pulse_seconds,
            grant_deadline_seconds=deadline,
            on_unlocked=lambda decision, at: self.unlocked.put((decision, at)),
            on_locked=self.locked.put,
        )
        self.thread = threading.Thread(target=self._run)

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

    def make(line: OutputLine = line, **options: float) -> House:
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
    assert house.locked.get(timeout=LONG) is True
    house.finish()
    assert house.locked.get(timeout=LONG) is True
    assert pulses(line) == []
    assert house.error is None


def test_a_grant_is_one_pulse(line: SimulatedOutputLine, open_house: Callable[..., House]) -> None:
    house = open_house()
    decision = granted()
    house.door.grant(decision)
    told, at = house.unlocked.get(timeout=LONG)
    assert told is decision
    assert decision.captured <= at <= time.monotonic()
    assert [house.locked.get(timeout=LONG) for _ in range(3)] == [True, False, True]
    (length,) = pulses(line)
    assert PULSE * 0.9 <= length < PULSE + LONG


def test_a_grant_within_a_pulse_makes_it_longer(line: SimulatedOutputLine, open_house: Callable[..., House]) -> None:
    house = open_house(pulse_seconds=1.0)
    house.door.grant(granted())
    house.unlocked.get(timeout=LONG)
    assert not house.stop.wait(0.5)
    house.door.grant(granted())
    _, at = house.unlocked.get(timeout=LONG)
    while line.active:
        time.sleep(0.01)
    assert line.history[-1].time >= at + 0.9
    assert len(pulses(line)) == 1


def test_being_woken_does_not_shorten_a_pulse(line: SimulatedOutputLine, open_house: Callable[..., House]) -> None:
    house = open_house()
    house.door.grant(granted())
    house.unlocked.get(timeout=LONG)
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
    house.unlocked.get(timeout=LONG)
    house.finish()
    assert house.unlocked.empty()
    assert len(pulses(line)) == 1
    assert "the grant for ann is 1." in caplog.text


def test_stopping_ends_a_pulse(line: SimulatedOutputLine, open_house: Callable[..., House]) -> None:
    house = open_house(pulse_seconds=60.0)
    house.door.grant(granted())
    house.unlocked.get(timeout=LONG)
    house.finish()
    assert not line.active
    assert pulses(line)[0] < LONG


class Jammed:
    """A line that fails when it is made active."""

    def __init__(self) -> None:
        self.driven: list[bool] = []

    def set(self, active: bool) -> None:
        self.driven.append(active)
        if active:
            raise LineError("GPIO17: jammed")

    def close(self) -> None: ...


def test_a_line_that_fails_ends_the_thread_and_is_driven_inactive(open_house: Callable[..., House]) -> None:
    line = Jammed()
    house = open_house(line)
    house.door.grant(granted())
    house.thread.join(LONG)
    assert isinstance(house.error, LineError)
    assert line.driven[-2:] == [True, False]
    assert house.unlocked.empty()


def test_it_locks_when_whoever_is_told_fails(line: SimulatedOutputLine) -> None:
    def fail(_decision: Decision, _at: float) -> None:
        raise RuntimeError("nobody listens")

    door = Door(
        strike=Strike(line=line, fail_safe=False),
        pulse_seconds=60,
        grant_deadline_seconds=LONG,
        on_unlocked=fail,
        on_locked=lambda _: None,
    )
    door.grant(granted())
    with pytest.raises(RuntimeError, match="nobody listens"):
        door.run(threading.Event())
    assert not line.active
    assert len(pulses(line)) == 1


def test_a_told_stop_serves_no_grant(line: SimulatedOutputLine) -> None:
    door = Door(
        strike=Strike(line=line, fail_safe=False),
        pulse_seconds=60,
        grant_deadline_seconds=LONG,
        on_unlocked=lambda *_: None,
        on_locked=lambda _: None,
    )
    stop = threading.Event()
    stop.set()
    door.grant(granted())
    door.run(stop)
    assert pulses(line) == []
