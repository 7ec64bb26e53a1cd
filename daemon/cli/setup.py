"""`auther setup`: a first configuration by a few questions, or by options alone."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from daemon.cli.interview import Given, Keep, ask, interview, propose
from daemon.cli.options import CONFIG_OPTION
from daemon.cli.passphrase import somebody_there
from daemon.config.first import file_of, values_of
from daemon.config.settings import DEFAULT_PATH, parse
from daemon.drafts import draft_of
from daemon.errors import ConfigError
from daemon.owners import whose

PATH = click.Path(path_type=Path, readable=False)
PASSWORD_FILE = "mqtt.password"  # noqa: S105
CA_FILE = "mqtt-ca.pem"


@click.command()
@click.option("--yes", is_flag=True, help="Ask nothing: what is not given is taken as proposed.")
@click.option("--device-id", metavar="NAME", help="The terminal's name in topics and events [the machine's name].")
@click.option(
    "--camera", metavar="SOURCE", help="A number (0 is /dev/video0), a device file, rtsp://…, picamera2 or argus."
)
@click.option(
    "--strike", metavar="LINE", help="simulated, a GPIO line (GPIO17), or a relay board's port (/dev/ttyUSB0)."
)
@click.option("--active-low", is_flag=True, help="The relay switches when the GPIO line is pulled to ground.")
@click.option("--broker", metavar="HOST[:PORT]", help="The MQTT broker; empty for none.")
@click.option("--broker-ca", type=PATH, metavar="PEM", help="The broker's certificate authority; given, it is TLS.")
@click.option("--broker-plaintext", is_flag=True, help="Speak without TLS to a broker on another machine.")
@click.option("--broker-user", metavar="NAME", help="The account at the broker.")
@click.option("--broker-password-file", type=PATH, metavar="FILE", help="File whose first line is its password.")
@CONFIG_OPTION
@click.pass_obj
def setup(group_config: Path | None, /, *, yes: bool, config: Path | None, **given: Any) -> None:
    """Write a first configuration file, with the few things that differ from door to door."""
    path = config or group_config or DEFAULT_PATH
    _require_none(path)
    if not yes and not somebody_there():
        raise ConfigError("nobody is there to answer: give --yes, and what differs from the proposals as options")

    # The daemon works in another folder and may read nobody's home: what it needs lies beside its configuration.
    folder = path.absolute().parent

    def keep_password(password: str) -> Path:
        return _write(folder / PASSWORD_FILE, f"{password}\n", mode=0o600)

    def keep_ca(pem: str) -> Path:
        return _write(folder / CA_FILE, pem, mode=0o644)

    answers = interview(Given(**given), propose if yes else ask, Keep(password=keep_password, ca=keep_ca))
    parse(values_of(answers), source="these answers together")
    _write(path, file_of(answers), mode=0o640)
    click.echo(f"{path}: written")


def _require_none(path: Path) -> None:
    try:
        there = path.exists()
    except PermissionError as error:
        raise ConfigError(f"{path}: can't be looked for: {error.strerror}; {whose(path)}") from error
    if there:
        raise ConfigError(f"{path}: there is a configuration already: edit it, or move it away first")


def _write(path: Path, text: str, *, mode: int) -> Path:
    """The whole file or none; gives its path. Raises ConfigError."""
    draft = draft_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        raise ConfigError(
            f"{path}: can't be written: {error.strerror}; run it as root, or name another --config"
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink()
    return path
