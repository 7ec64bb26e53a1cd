"""A first configuration from the few things in which one door differs from the next."""

import re
from dataclasses import dataclass
from pathlib import Path

from daemon.config.toml_file import tables

HEAD = """\
# The configuration of this terminal. Every key with its meaning: auther config show, or the README.
# After a change: sudo auther config check && sudo systemctl restart auther-embedded

"""
BOARD_CAMERAS = ("picamera2", "argus")
TLS_PORT, PLAIN_PORT = 8883, 1883


@dataclass(frozen=True, kw_only=True)
class Broker:
    """An MQTT broker: `address` is `host` or `host:port`; `plaintext` allows another machine without TLS."""

    address: str
    ca_file: Path | None = None
    plaintext: bool = False
    username: str | None = None
    password_file: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What was answered.

    `camera`: the number of a V4L2 device, its file, an address, or one of BOARD_CAMERAS. `strike`: `simulated`, a
    serial port (`/dev/…`, a relay board), or a GPIO line by name or offset on `chip`.
    """

    device_id: str
    camera: str = "0"
    strike: str = "simulated"
    chip: str = "/dev/gpiochip0"
    active_low: bool = False
    broker: Broker | None = None


def values_of(answers: Answers) -> dict[str, object]:
    """The configuration's keys, to be checked by `parse`."""
    values: dict[str, object] = {
        "device": {"id": answers.device_id},
        "camera": _camera(answers.camera),
        "door": {"strike": _strike(answers)},
    }
    if answers.broker is not None:
        values["mqtt"] = _mqtt(answers.broker)
    return values


def file_of(answers: Answers) -> str:
    """The text of the configuration file."""
    return HEAD + tables(values_of(answers))


def _camera(named: str) -> dict[str, object]:
    if named in BOARD_CAMERAS:
        return {"backend": named}
    return {"backend": "webcam", "source": int(named) if named.isdigit() else named}


def _strike(answers: Answers) -> dict[str, object]:
    if answers.strike == "simulated":
        return {"backend": "simulated"}
    if answers.strike.startswith("/dev/"):
        return {"backend": "lcus", "port": answers.strike}
    line: int | str = int(answers.strike) if answers.strike.isdigit() else answers.strike
    return {"backend": "gpiod", "chip": answers.chip, "line": line, "active_low": answers.active_low}


def _mqtt(broker: Broker) -> dict[str, object]:
    host, port = host_and_port(broker)
    values = {
        "enabled": True,
        "host": host,
        "port": port,
        "ca_file": str(broker.ca_file) if broker.ca_file is not None else None,
        "allow_plaintext": broker.plaintext or None,
        "username": broker.username,
        "password_file": str(broker.password_file) if broker.password_file is not None else None,
    }
    return {name: value for name, value in values.items() if value is not None}


def host_and_port(broker: Broker) -> tuple[str, int]:
    """Where the broker listens; without a port in its address the usual one, with or without TLS."""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:]+)\]|([^:]+)):(\d{1,5})", broker.address)
    if found is None:
        return broker.address.strip("[]"), TLS_PORT if broker.ca_file is not None else PLAIN_PORT
    return found[1] or found[2], int(found[3])
