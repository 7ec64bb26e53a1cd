"""The GPIO chips, and the line that the strike hangs on; nothing is driven."""

import importlib
import os
from collections.abc import Iterator
from pathlib import Path

from daemon.config_door import GpiodLine, LcusLine, OutputLine, SimulatedLine
from daemon.doctor.finding import Finding, fine, problem, warning
from hw.backends import output_line_backend

DEVICES = Path("/dev")


def look_at_lines(strike: OutputLine, *, devices: Path = DEVICES) -> Iterator[Finding]:
    """Raises BackendError when the line's package is not installed, and LineError."""
    if isinstance(strike, SimulatedLine):
        yield warning(
            "lines", "the strike is simulated: no door opens", 'for a real door set door.strike.backend = "gpiod"'
        )
        return
    if isinstance(strike, LcusLine):
        yield _look_at_port(strike)
        return
    chips = sorted(devices.glob("gpiochip*"))
    if not chips:
        yield problem("lines", "this machine has no GPIO chip", "is it the right machine? See `gpiodetect`")
        return
    closed = [chip.name for chip in chips if not os.access(chip, os.R_OK | os.W_OK)]
    if closed:
        yield warning("lines", f"not permitted: {', '.join(closed)}", "add the daemon's user to the group gpio")
    yield from _look_at_line(strike)


def _look_at_port(strike: LcusLine) -> Finding:
    output_line_backend("lcus")
    if os.access(strike.port, os.R_OK | os.W_OK):
        return fine("lines", f"{strike.port} is there for relay {strike.channel} of the strike")
    advice = "plug the relay board in (see /dev/serial/by-id), and add the daemon's user to the group dialout"
    return problem("lines", f"{strike.port}: no such port, or not permitted", advice)


def _look_at_line(strike: GpiodLine) -> Iterator[Finding]:
    output_line_backend("gpiod")
    # Only now is it known that the package it needs is there.
    survey = importlib.import_module("hw.gpiod_survey")
    state = survey.line_state(chip=strike.chip, line=strike.line)
    where = f"{strike.chip} line {state.offset}{f' ({state.name})' if state.name else ''}"
    if state.holder is None:
        yield fine("lines", f"{where} is free for the strike")
    elif state.holder == "auther":
        yield fine("lines", f"{where} is held by the running daemon")
    else:
        yield problem("lines", f"{where} is held by {state.holder}", "stop that program or choose another line")
