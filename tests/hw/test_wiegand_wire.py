from itertools import pairwise
from typing import Any

import pytest

from hw.errors import LineError
from hw.lines import Edge
from hw.simulated import SimulatedOutputLine
from hw.wiegand import FORMATS, Bits
from hw.wiegand_wire import WiegandInput, WiegandOutput

MESSAGE = FORMATS["26"].encode(118, 1603)


class Ticking:
    """A clock that a microsecond passes on whenever somebody looks."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1e-6
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def edges_of(lines: tuple[SimulatedOutputLine, SimulatedOutputLine]) -> list[tuple[int, Edge]]:
    switched = [(bit, Edge(s.active, s.time)) for bit, line in enumerate(lines) for s in line.history[1:]]
    return sorted(switched, key=lambda each: each[1].at)


def sent(message: Bits) -> list[tuple[int, Edge]]:
    clock = Ticking()
    lines = SimulatedOutputLine(clock=clock), SimulatedOutputLine(clock=clock)
    WiegandOutput(data0=lines[0], data1=lines[1], clock=clock, sleep=clock.sleep).send(message)
    return edges_of(lines)


def test_pulses_have_their_nominal_times() -> None:
    edges = sent(MESSAGE)
    began = [edge.at for _, edge in edges if edge.active]
    ended = [edge.at for _, edge in edges if not edge.active]
    assert len(began) == 26
    for start, end in zip(began, ended, strict=True):
        assert 50e-6 <= end - start <= 60e-6
    for start, after in pairwise(began):
        assert 1e-3 <= after - start <= 1.02e-3


def test_what_is_sent_is_read() -> None:
    reader = WiegandInput()
    edges = sent(MESSAGE)
    assert all(reader.take(bit, edge) is None for bit, edge in edges)
    last = edges[-1][1].at
    assert reader.finish(last + 0.01) is None
    assert reader.finish(last + 0.03) == MESSAGE
    assert reader.finish(last + 1.0) is None


def test_a_pause_parts_two_messages() -> None:
    reader = WiegandInput()
    for bit, edge in sent(MESSAGE):
        reader.take(bit, edge)
    assert reader.take(1, Edge(True, 5.0)) == MESSAGE
    assert reader.finish(6.0) == (1,)


@pytest.mark.parametrize(("pulse", "interval"), [(20e-6, 200e-6), (100e-6, 20e-3), (40e-6, 2e-3)])
def test_readers_of_any_speed_are_read(pulse: float, interval: float) -> None:
    reader = WiegandInput()
    for number, bit in enumerate(MESSAGE):
        reader.take(bit, Edge(True, number * interval))
        reader.take(bit, Edge(False, number * interval + pulse))
    assert reader.finish(10.0) == MESSAGE


def test_noise_for_ever_takes_no_memory() -> None:
    reader = WiegandInput()
    for number in range(10_000):
        reader.take(number % 2, Edge(True, number * 1e-3))
    found = reader.finish(100.0)
    assert found is not None
    assert len(found) == 128


def test_a_line_that_fails_leaves_no_pulse() -> None:
    clock = Ticking()
    zero, one = SimulatedOutputLine(clock=clock), SimulatedOutputLine(clock=clock)
    output: Any = WiegandOutput(data0=zero, data1=one, clock=clock, sleep=clock.sleep)
    one.close()
    with pytest.raises(LineError):
        output.send((0, 1))
    assert not zero.active
    output.close()
