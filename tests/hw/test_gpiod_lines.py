"""The part that needs no chip, and a run of the rest under a kernel that has one."""

import os
import re
import subprocess
import sys
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import gpiod
import pytest
from gpiod.line import Value

from hw.errors import LineError
from hw.gpiod_inputs import GpiodInputLine
from hw.gpiod_lines import GpiodOutputLine

ROOT = Path(__file__).parents[2]
OWN = ROOT / "scripts" / "gpio_sim"
READY = ROOT.parent / "shared" / "tools" / "gpio-sim" / "run"
# scripts/build_gpio_sim builds the kernel for the simulator of one's own.
GPIO_SIM = Path(os.environ.get("AUTHER_GPIO_SIM", OWN if (ROOT / ".gpio-sim" / "linux").exists() else READY))


@pytest.mark.parametrize(
    ("chip", "reason"),
    [
        ("/dev/gpiochip-absent", "no such GPIO chip"),
        ("/dev/null", r"not a GPIO chip \(No such device\)"),
        ("/dev", "not a GPIO chip"),
    ],
)
def test_what_is_no_chip_is_named(chip: str, reason: str) -> None:
    with pytest.raises(LineError, match=rf"^{chip}: {reason}.*; list the chips with gpiodetect$"):
        GpiodOutputLine(chip=chip, line="GPIO17")
    with pytest.raises(LineError, match=rf"^{chip}: {reason}.*; list the chips with gpiodetect$"):
        GpiodInputLine(chip=chip, line="GPIO17")


def test_a_forbidden_chip_names_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("hw.gpiod_lines.gpiod.Chip", refuse)
    with pytest.raises(LineError, match=r"^/dev/gpiochip0: permission denied; .* group gpio$"):
        GpiodOutputLine(chip="/dev/gpiochip0", line="GPIO17")


class FlickeringRequest:
    """A line with pulses that are over before the kernel reads the level: it tells edges to inactive, without end."""

    def __init__(self) -> None:
        self.reads = 0

    def get_value(self, _offset: int) -> Value:
        return Value.INACTIVE

    def wait_edge_events(self, _timeout: timedelta) -> bool:
        return True

    def read_edge_events(self) -> list[SimpleNamespace]:
        self.reads += 1
        assert self.reads < 100, "waits for ever"
        return [SimpleNamespace(event_type=gpiod.EdgeEvent.Type.FALLING_EDGE, timestamp_ns=self.reads)]


def test_noise_without_a_change_does_not_prolong_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    chip = SimpleNamespace(request_lines=lambda *_args, **_words: FlickeringRequest())
    monkeypatch.setattr("hw.gpiod_inputs.open_chip", lambda _chip: nullcontext(chip))
    monkeypatch.setattr("hw.gpiod_inputs.find_line", lambda _chip, _line: 17)
    assert GpiodInputLine(chip="/dev/gpiochip0", line="GPIO17").wait(0.0) is None


@pytest.mark.needs_root
def test_lines_of_a_simulated_chip(tmp_path: Path) -> None:
    if not GPIO_SIM.exists():
        pytest.skip(f"needs the GPIO simulator {os.path.relpath(GPIO_SIM, ROOT)}")
    if os.geteuid() != 0:
        pytest.skip("needs root to start the GPIO simulator")
    if "GPIO_SIM" in os.environ:
        pytest.skip("needs a machine that is not the GPIO simulator itself")
    tests = ["tests/hw/test_lines.py", "tests/hw/test_input_lines.py"]
    tests += ["tests/hw/on_gpio_chip.py", "tests/hw/on_gpio_inputs.py"]
    pytest_call = [sys.executable, "-m", "pytest", "-q", "--color=no", "-p", "no:cacheprovider"]
    # The networks that tests/conftest.py loads take the guest minutes.
    pytest_call += [f"--basetemp={tmp_path / 'guest'}", "--confcutdir=tests/hw"]
    # A guest of the same pytest process must not believe that it is that process (or its worker).
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    # Importing the plugins of other packages alone takes the guest five minutes.
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"

    guest = subprocess.run(
        [GPIO_SIM, "--lines", "RELAY,DOOR", "--", *pytest_call, *tests],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )

    assert guest.returncode == 0, guest.stdout
    assert re.search(r"^\d+ passed in ", guest.stdout, re.MULTILINE), guest.stdout
