"""The questions of `auther setup`, each with what is proposed."""

import importlib
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import click

from daemon.config.first import Answers, Broker, host_and_port, values_of
from daemon.config.loopback import is_loopback
from daemon.config.settings import parse
from daemon.errors import ConfigError
from hw.backends import output_line_backend
from hw.errors import HardwareError
from hw.video_devices import video_devices

Ask = Callable[[str, str], str]


@dataclass(frozen=True)
class Given:
    """What the caller has said already; None where a question is open."""

    device_id: str | None
    camera: str | None
    strike: str | None
    active_low: bool
    broker: str | None
    broker_ca: Path | None
    broker_plaintext: bool
    broker_user: str | None
    broker_password_file: Path | None


@dataclass(frozen=True)
class Keep:
    """What puts a password, or a certificate authority's PEM, into a file that the daemon may read, and gives its path.

    Both raise ConfigError.
    """

    password: Callable[[str], Path]
    ca: Callable[[str], Path]


def propose(_question: str, proposal: str) -> str:
    """The answer of who wants no questions."""
    return proposal


def ask(question: str, proposal: str) -> str:
    """The answer of the person at the keyboard."""
    return str(click.prompt(question, default=proposal, show_default=bool(proposal), err=True))


def interview(given: Given, ask: Ask, keep: Keep) -> Answers:
    """The answers to all that is open. Raises ConfigError."""
    name = _checked(given.device_id, ask, "The terminal's name (letters, digits, - and _)", _host_name(), "device_id")
    camera = _checked(given.camera, ask, _camera_question(), str(next(iter(video_devices()), 0)), "camera")
    strike = _checked(given.strike, ask, _STRIKE, "simulated", "strike")
    wired = _is_gpio(strike)
    inverted = given.active_low or (wired and given.strike is None and _yes(ask, _INVERTED))
    return Answers(
        device_id=name,
        camera=camera,
        strike=strike,
        chip=_chip(strike) if wired else Answers.chip,
        active_low=inverted,
        broker=_broker(given, ask, keep),
    )


_STRIKE = "What opens the door: simulated (nothing yet), a GPIO line (GPIO17), or a relay board's port (/dev/ttyUSB0)"
_INVERTED = "Does the relay switch when the line is pulled to ground (yes/no)?"
_PLAIN = "Without it everybody in the network can read who comes and goes. Go on (yes/no)?"


def _checked(given: str | None, ask: Ask, question: str, proposal: str, field: str) -> str:
    """What is given, or the first answer that the configuration would take. Raises ConfigError."""
    while True:
        answer = given if given is not None else ask(question, proposal).strip()
        try:
            alone = replace(Answers(device_id="terminal"), **{field: answer})  # type: ignore[arg-type]
            parse(values_of(alone), source=f"--{field.replace('_', '-')}")
        except ConfigError as error:
            if given is not None or ask is propose:
                raise
            click.echo(str(error), err=True)
        else:
            return answer


def _broker(given: Given, ask: Ask, keep: Keep) -> Broker | None:
    address = given.broker if given.broker is not None else ask("MQTT broker, host or host:port (empty: none)", "")
    if not address:
        return None
    open_questions = given.broker is None
    host, _ = host_and_port(Broker(address=address))
    ca_file, plaintext = _encryption(given, host, ask if open_questions else None, keep)
    user = given.broker_user
    if user is None and open_questions:
        user = ask("The account at the broker (empty: none)", "") or None
    password = None
    if given.broker_password_file is not None:
        password = keep.password(_read(given.broker_password_file, "--broker-password-file").partition("\n")[0])
    elif user is not None and open_questions:
        password = keep.password(str(click.prompt("Its password", hide_input=True, err=True)))
    return Broker(address=address, ca_file=ca_file, plaintext=plaintext, username=user, password_file=password)


def _encryption(given: Given, host: str, ask: Ask | None, keep: Keep) -> tuple[Path | None, bool]:
    """The certificate authority's file, and whether it goes without; without `ask` only what is given counts."""
    if given.broker_ca is not None:
        return keep.ca(_read(given.broker_ca, "--broker-ca")), given.broker_plaintext
    if given.broker_plaintext or (ask is None and is_loopback(host)):
        return None, given.broker_plaintext
    while ask is not None:
        path = ask("The broker's certificate authority, a PEM file (empty: do not encrypt)", "")
        if not path and (is_loopback(host) or _yes(ask, _PLAIN)):
            return None, not is_loopback(host)
        if not path:
            break
        try:
            return keep.ca(_read(Path(path), "--broker-ca")), False
        except ConfigError as error:
            click.echo(str(error), err=True)
    raise ConfigError(f"{host}: give the broker's certificate authority (--broker-ca), or --broker-plaintext")


def _read(path: Path, option: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{option}: {path}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{option}: {path}: not a text file") from error


def _yes(ask: Ask, question: str) -> bool:
    return ask(question, "no").strip().lower() in ("y", "yes")


def _host_name() -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", socket.gethostname())[:64] or "terminal"


def _camera_question() -> str:
    found = ", ".join(f"{number}: {name}" for number, name in video_devices().items())
    return (
        f"The camera: a number ({found or 'none found now'}), an address (rtsp://…), or at the board's own connector "
        "picamera2 (Raspberry Pi), argus (Jetson)"
    )


def _is_gpio(strike: str) -> bool:
    return strike != "simulated" and not strike.startswith("/dev/")


def _chip(line: str) -> str:
    """The chip that has the line; the first one where none can be looked at, and the doctor will say so."""
    try:
        output_line_backend("gpiod")
    except HardwareError:
        return Answers.chip
    survey = importlib.import_module("hw.gpiod_survey")
    return survey.chip_with(int(line) if line.isdigit() else line) or Answers.chip
