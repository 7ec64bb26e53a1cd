"""What every output line promises, of each back end. The chip's part runs where GPIO_SIM names a simulated chip."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hw import lcus
from hw.errors import LineError
from hw.gpiod_lines import GpiodOutputLine
from hw.lcus_line import LcusOutputLine
from hw.lines import OutputLine
from hw.reopening import ReopeningLine
from hw.simulated import SimulatedOutputLine

BACKENDS = ["simulated", "reopening", "lcus", *(["gpiod"] if "GPIO_SIM" in os.environ else [])]
Wire = Callable[[], bool]


@pytest.fixture(params=BACKENDS)
def line_and_wire(request: pytest.FixtureRequest) -> Iterator[tuple[OutputLine, Wire]]:
    """A line, and what its wire is seen to be from outside."""
    if request.param in ("simulated", "reopening"):
        simulated = SimulatedOutputLine()
        yield _wrapped(simulated, request.param), lambda: simulated.active
        simulated.close()
        return
    if request.param == "lcus":
        plug = request.getfixturevalue("plug")
        board = LcusOutputLine(port=str(plug.path), channel=3)
        yield board, lambda: lcus.parse(plug.last(4)) == (3, True)
        board.close()
        return
    value = Path(os.environ["GPIO_SIM"], "sim_gpio0", "value")
    line = GpiodOutputLine(chip="/dev/gpiochip0", line="RELAY")
    yield line, lambda: value.read_text().strip() == "1"
    line.close()


def _wrapped(line: OutputLine, kind: str) -> OutputLine:
    return ReopeningLine(open_line=lambda: line) if kind == "reopening" else line


def test_is_inactive_when_opened(line_and_wire: tuple[OutputLine, Wire]) -> None:
    _, wire = line_and_wire
    assert not wire()


def test_follows_what_is_set(line_and_wire: tuple[OutputLine, Wire]) -> None:
    line, wire = line_and_wire
    for active in (True, True, False, False, True):
        line.set(active)
        assert wire() is active


def test_close_makes_it_inactive_and_may_be_repeated(line_and_wire: tuple[OutputLine, Wire]) -> None:
    line, wire = line_and_wire
    line.set(True)
    line.close()
    assert not wire()
    line.close()
    assert not wire()


@pytest.mark.parametrize("active", [True, False])
def test_a_closed_line_can_not_be_driven(line_and_wire: tuple[OutputLine, Wire], active: bool) -> None:
    line, wire = line_and_wire
    line.close()
    with pytest.raises(LineError, match="closed"):
        line.set(active)
    assert not wire()
