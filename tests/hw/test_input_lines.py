"""What every input line promises, of each back end. The chip's part runs where GPIO_SIM names a simulated chip."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hw.errors import LineError
from hw.gpiod_inputs import GpiodInputLine
from hw.lines import Edge, InputLine
from hw.simulated import SimulatedInputLine

BACKENDS = ["simulated", *(["gpiod"] if "GPIO_SIM" in os.environ else [])]
Drive = Callable[[bool], None]
LineAndDrive = tuple[InputLine, Drive]


@pytest.fixture(params=BACKENDS)
def line_and_drive(request: pytest.FixtureRequest) -> Iterator[LineAndDrive]:
    """A line, inactive, and what a switch does to its wire."""
    if request.param == "simulated":
        simulated = SimulatedInputLine()
        yield simulated, simulated.drive
        simulated.close()
        return
    pull = Path(os.environ["GPIO_SIM"], "sim_gpio1", "pull")
    pull.write_text("pull-down")
    line = GpiodInputLine(chip="/dev/gpiochip0", line="DOOR", active_low=False, bias="as-is", debounce_ms=0)
    yield line, lambda active: pull.write_text("pull-up" if active else "pull-down") and None
    line.close()
    pull.write_text("pull-down")


def edge(line: InputLine) -> Edge:
    """The next edge, which must come."""
    found = line.wait(5)
    assert found is not None
    return found


def test_reads_what_is_driven(line_and_drive: LineAndDrive) -> None:
    line, drive = line_and_drive
    assert not line.read()
    for active in (True, False, True):
        drive(active)
        assert line.read() is active


def test_edges_come_in_order_with_their_times(line_and_drive: LineAndDrive) -> None:
    line, drive = line_and_drive
    before = time.monotonic()
    edges = []
    for active in (True, False, True):
        drive(active)
        edges.append(edge(line))
    assert [each.active for each in edges] == [True, False, True]
    times = [each.at for each in edges]
    assert times == sorted(times)
    assert before <= times[0]
    assert times[-1] <= time.monotonic()


def test_no_edge_is_none(line_and_drive: LineAndDrive) -> None:
    line, _ = line_and_drive
    assert line.wait(0) is None
    assert line.wait(0.01) is None


def test_a_closed_line_can_not_be_read(line_and_drive: LineAndDrive) -> None:
    line, _ = line_and_drive
    line.close()
    line.close()
    with pytest.raises(LineError, match="closed"):
        line.read()
    with pytest.raises(LineError, match="closed"):
        line.wait(0)
