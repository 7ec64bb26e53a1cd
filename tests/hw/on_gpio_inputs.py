"""Run by test_gpiod_lines.py under a kernel with a simulated GPIO chip: inputs, as tests/hw/on_gpio_chip.py outputs."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import gpiod
import pytest

from hw.errors import LineError
from hw.gpiod_inputs import GpiodInputLine
from hw.gpiod_lines import GpiodOutputLine

CHIP = "/dev/gpiochip0"
SIM = Path(os.environ["GPIO_SIM"])
CONFIG = Path("/sys/kernel/config/gpio-sim/third")


def pull(offset: int, level: bool) -> None:
    (SIM / f"sim_gpio{offset}" / "pull").write_text("pull-up" if level else "pull-down")


@pytest.fixture(autouse=True)
def _down() -> Iterator[None]:
    pull(1, False)
    yield
    pull(1, False)


@pytest.fixture
def third_chip() -> Iterator[str]:
    """The device file of a chip that can be taken away."""
    (CONFIG / "bank0").mkdir(parents=True)
    (CONFIG / "live").write_text("1")
    yield f"/dev/{(CONFIG / 'bank0' / 'chip_name').read_text().strip()}"
    if (CONFIG / "live").read_text().strip() == "1":
        (CONFIG / "live").write_text("0")
    (CONFIG / "bank0").rmdir()
    CONFIG.rmdir()


def test_the_kernel_swallows_bounce() -> None:
    line = GpiodInputLine(chip=CHIP, line="DOOR", active_low=False, bias="as-is", debounce_ms=100)
    for _ in range(10):
        pull(1, True)
        pull(1, False)
    pull(1, True)
    edges = [line.wait(1.0), line.wait(0.3)]
    line.close()
    assert [edge.active for edge in edges if edge is not None] == [True]


def test_an_edge_bears_the_time_of_the_interrupt_not_of_the_reading() -> None:
    line = GpiodInputLine(chip=CHIP, line="DOOR", active_low=False, bias="as-is", debounce_ms=0)
    pull(1, True)
    driven = time.monotonic()
    while (read := time.monotonic()) < driven + 0.5:
        line.read()
    edge = line.wait(1.0)
    line.close()
    assert edge is not None
    # The simulator's interrupt comes with the next tick of its clock.
    assert edge.at < driven + 0.25 < read


def test_an_interrupt_that_was_pending_at_opening_is_no_edge() -> None:
    for _ in range(20):
        line = GpiodInputLine(chip=CHIP, line="DOOR", active_low=False, bias="as-is", debounce_ms=0)
        pull(1, True)
        line.close()
        pull(1, False)
        line = GpiodInputLine(chip=CHIP, line="DOOR", active_low=False, bias="as-is", debounce_ms=0)
        stray = line.wait(0.03)
        line.close()
        assert stray is None


def test_an_active_low_input_is_active_at_ground() -> None:
    line = GpiodInputLine(chip=CHIP, line="DOOR", active_low=True, bias="as-is", debounce_ms=0)
    assert line.read()
    pull(1, True)
    edge = line.wait(1.0)
    assert edge is not None
    assert not edge.active
    line.close()


def test_the_chips_own_resistor_pulls() -> None:
    line = GpiodInputLine(chip=CHIP, line="DOOR", bias="pull-up")
    assert not line.read()
    with gpiod.Chip(CHIP) as chip:
        assert chip.get_line_info("DOOR").bias is gpiod.line.Bias.PULL_UP
    line.close()


def test_more_edges_than_the_kernel_keeps_end_with_the_true_level() -> None:
    line = GpiodInputLine(chip=CHIP, line="DOOR", active_low=False, bias="as-is", debounce_ms=0)
    for _ in range(200):
        pull(1, True)
        pull(1, False)
    pull(1, True)
    last = None
    while (edge := line.wait(0.2)) is not None:
        last = edge
    line.close()
    assert last is not None
    assert last.active


def test_a_line_in_use_names_its_holder() -> None:
    output = GpiodOutputLine(chip=CHIP, line="DOOR", consumer="another-program")
    with pytest.raises(LineError, match=r"^/dev/gpiochip0 line DOOR: held by another-program; .*gpioinfo"):
        GpiodInputLine(chip=CHIP, line="DOOR")
    output.close()
    GpiodInputLine(chip=CHIP, line="DOOR").close()


def test_a_chip_that_goes_away_is_an_error_not_a_silence(third_chip: str) -> None:
    line = GpiodInputLine(chip=third_chip, line=0)
    (CONFIG / "live").write_text("0")
    with pytest.raises(LineError, match=r"line 0: can't be read .*gpiodetect"):
        line.wait(0.5)
    line.close()
