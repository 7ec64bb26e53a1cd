"""Run by test_gpiod_lines.py under a kernel with a simulated GPIO chip; GPIO_SIM is the chip's folder in sysfs."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import gpiod
import pytest

from hw.errors import LineError
from hw.gpiod_lines import GpiodOutputLine
from hw.gpiod_survey import chip_with

CHIP = "/dev/gpiochip0"
SIM = Path(os.environ["GPIO_SIM"])
CONFIG = Path("/sys/kernel/config/gpio-sim/second")

HOLDER = f"""
import sys, time
from hw.gpiod_lines import GpiodOutputLine
line = GpiodOutputLine(chip={CHIP!r}, line="RELAY", consumer="first-daemon")
line.set(True)
print("active", flush=True)
time.sleep(600)
"""


def wire(offset: int) -> int:
    return int((SIM / f"sim_gpio{offset}" / "value").read_text())


@pytest.fixture
def pulled_up() -> Iterator[None]:
    """The free RELAY line reads 1, as a floating or pulled-up pin may."""
    pull = SIM / "sim_gpio0" / "pull"
    pull.write_text("pull-up")
    yield
    pull.write_text("pull-down")


@pytest.fixture
def second_chip() -> Iterator[str]:
    """The device file of a chip that can be taken away."""
    (CONFIG / "bank0").mkdir(parents=True)
    (CONFIG / "live").write_text("1")
    yield f"/dev/{(CONFIG / 'bank0' / 'chip_name').read_text().strip()}"
    if (CONFIG / "live").read_text().strip() == "1":
        (CONFIG / "live").write_text("0")
    (CONFIG / "bank0").rmdir()
    CONFIG.rmdir()


@pytest.mark.usefixtures("pulled_up")
def test_opening_drives_a_pulled_up_wire_down() -> None:
    assert wire(0) == 1
    line = GpiodOutputLine(chip=CHIP, line="RELAY")
    assert wire(0) == 0
    line.close()


@pytest.mark.parametrize(("line", "offset"), [("DOOR", 1), (1, 1), (31, 31)])
def test_a_line_has_a_name_or_an_offset(line: str | int, offset: int) -> None:
    output = GpiodOutputLine(chip=CHIP, line=line)
    output.set(True)
    assert wire(offset) == 1
    output.close()
    assert wire(offset) == 0


def test_an_active_low_line_is_active_at_ground() -> None:
    line = GpiodOutputLine(chip=CHIP, line="RELAY", active_low=True)
    assert wire(0) == 1
    line.set(True)
    assert wire(0) == 0
    line.set(False)
    assert wire(0) == 1
    line.close()


def test_the_kernel_shows_the_consumer() -> None:
    line = GpiodOutputLine(chip=CHIP, line="RELAY", consumer="front-door")
    with gpiod.Chip(CHIP) as chip:
        assert chip.get_line_info("RELAY").consumer == "front-door"
        line.close()
        assert not chip.get_line_info("RELAY").used


def test_a_line_in_use_names_its_holder() -> None:
    first = GpiodOutputLine(chip=CHIP, line="RELAY", consumer="another-program")
    first.set(True)
    with pytest.raises(LineError, match=r"^/dev/gpiochip0 line 0: held by another-program; .*gpioinfo"):
        GpiodOutputLine(chip=CHIP, line=0)
    assert wire(0) == 1
    first.close()


@pytest.mark.parametrize("line", ["NOSUCH", 32, 4000])
def test_an_unknown_line_is_named(line: str | int) -> None:
    with pytest.raises(LineError, match=rf"^/dev/gpiochip0: no line {line} on this chip; .*gpioinfo"):
        GpiodOutputLine(chip=CHIP, line=line)


def test_a_missing_chip_is_named() -> None:
    with pytest.raises(LineError, match=r"^/dev/gpiochip9: no such GPIO chip; .*gpiodetect"):
        GpiodOutputLine(chip="/dev/gpiochip9", line="RELAY")


def test_a_refused_line_is_free_for_the_next_request() -> None:
    for _ in range(3):
        with pytest.raises(LineError):
            GpiodOutputLine(chip=CHIP, line="NOSUCH")
    GpiodOutputLine(chip=CHIP, line="RELAY").close()


def test_a_chip_that_goes_away_is_an_error_not_a_silence(second_chip: str) -> None:
    line = GpiodOutputLine(chip=second_chip, line=0)
    line.set(True)
    (CONFIG / "live").write_text("0")
    with pytest.raises(LineError, match=r"line 0: can't be driven \(No such device\); .*gpiodetect"):
        line.set(True)
    with pytest.raises(LineError, match="can't be driven"):
        line.close()
    line.close()


def test_a_killed_process_frees_its_line() -> None:
    """gpio-sim puts a freed line back to its pull, here down.

    Hardware need not: what a pin does after its release depends on the driver. Some keep the level, so that a killed
    daemon's lock may stay released until the next one opens the line, which makes it inactive at once. That is what
    the service manager's restart is for.
    """
    holder = subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "active\n"
    assert wire(0) == 1
    with pytest.raises(LineError, match="held by first-daemon"):
        GpiodOutputLine(chip=CHIP, line="RELAY")

    holder.send_signal(signal.SIGKILL)
    holder.wait(30)
    holder.stdout.close()

    assert wire(0) == 0
    line = GpiodOutputLine(chip=CHIP, line="RELAY")
    assert wire(0) == 0
    line.close()


def test_a_line_is_found_on_its_chip() -> None:
    assert chip_with("RELAY") == CHIP
    assert chip_with("NO_SUCH_LINE") is None
