"""The wires of the door: GPIO lines and relay boards, looked at without driving or requesting any."""

import importlib
import os
from collections.abc import Iterator
from pathlib import Path

from daemon.config.door import Door, GpiodInput, GpiodLine, LcusLine, SimulatedLine
from daemon.doctor.finding import Finding, fine, problem, warning
from hw.backends import output_line_backend
from hw.errors import LineError

DEVICES = Path("/dev")

Wire = SimulatedLine | GpiodLine | LcusLine | GpiodInput


def wires_of(door: Door) -> dict[str, Wire]:
    """The door's lines by their names in the configuration, without those that are not there."""
    wires = {"strike": door.strike, "contact": door.contact, "exit_button": door.exit_button, "tamper": door.tamper}
    return {name: wire for name, wire in wires.items() if wire is not None}


def look_at_lines(door: Door, *, devices: Path = DEVICES) -> Iterator[Finding]:
    """Raises BackendError when the package that a line needs is not installed."""
    wires = wires_of(door)
    if any(isinstance(wire, GpiodLine | GpiodInput) for wire in wires.values()):
        yield from _look_at_chips(devices)
    for name, wire in wires.items():
        if isinstance(wire, SimulatedLine):
            yield warning("lines", f"{name} is simulated: no wire", f'for a real one set door.{name}.backend = "gpiod"')
        elif isinstance(wire, LcusLine):
            yield _look_at_board(name, wire)
        else:
            yield _look_at_line(name, wire)


def _look_at_chips(devices: Path) -> Iterator[Finding]:
    chips = sorted(devices.glob("gpiochip*"))
    closed = [chip.name for chip in chips if not os.access(chip, os.R_OK | os.W_OK)]
    if not chips:
        yield problem("lines", "this machine has no GPIO chip", "is it the right machine? See `gpiodetect`")
    if closed:
        yield warning("lines", f"not permitted: {', '.join(closed)}", "add the daemon's user to the group gpio")


def _look_at_board(name: str, wire: LcusLine) -> Finding:
    output_line_backend("lcus")
    if os.access(wire.port, os.R_OK | os.W_OK):
        return fine("lines", f"{name}: {wire.port} is there for relay {wire.channel}")
    advice = "plug the relay board in (see /dev/serial/by-id), and add the daemon's user to the group dialout"
    return problem("lines", f"{name}: {wire.port}: no such port, or not permitted", advice)


def _look_at_line(name: str, wire: GpiodLine | GpiodInput) -> Finding:
    output_line_backend("gpiod")
    # Only now is it known that the package it needs is there.
    survey = importlib.import_module("hw.gpiod_survey")
    try:
        state = survey.line_state(chip=wire.chip, line=wire.line)
    except LineError as error:
        return problem("lines", f"{name}: {error}")
    where = f"{name}: {wire.chip} line {state.offset}{f' ({state.name})' if state.name else ''}"
    if state.holder is None:
        return fine("lines", f"{where} is free")
    if state.holder == "auther":
        return fine("lines", f"{where} is held by the running daemon")
    return problem("lines", f"{where} is held by {state.holder}", "stop that program or choose another line")
