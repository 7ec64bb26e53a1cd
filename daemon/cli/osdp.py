"""`auther osdp`: the wire to a panel."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import click

from daemon.cli.failures import GuardedGroup
from daemon.cli.options import with_settings
from daemon.config.readers import OsdpPanel
from daemon.config.settings import Settings
from daemon.errors import ConfigError

POLL_SECONDS = 0.2


@click.group(cls=GuardedGroup)
def osdp() -> None:
    """The wire to an OSDP panel."""


@osdp.command()
@click.option("--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@with_settings
def trace(*, follow: bool, settings: Settings) -> None:
    """Print the readable log of the wire, which a running daemon writes (panel.trace_file)."""
    panel = settings.panel
    if not isinstance(panel, OsdpPanel) or panel.trace_file is None:
        raise ConfigError(
            'panel.trace_file: is not set; set it in a [panel] with backend = "osdp" and restart the daemon'
        )
    try:
        for text in _pieces(panel.trace_file, follow=follow):
            click.echo(text, nl=False)
    except OSError as error:
        raise click.ClickException(
            f"{panel.trace_file}: can't be read: {error.strerror}; it is there once the daemon has run with it"
        ) from error


def _pieces(path: Path, *, follow: bool) -> Iterator[str]:
    """What is in the file, then what is added to it, or written to a new one in its place."""
    file = path.open(encoding="utf-8", errors="replace")
    try:
        while True:
            if piece := file.read(65_536):
                yield piece
            elif not follow:
                return
            elif _replaced(path, file.fileno(), file.tell()):
                file.close()
                file = path.open(encoding="utf-8", errors="replace")
            else:
                time.sleep(POLL_SECONDS)
    finally:
        file.close()


def _replaced(path: Path, descriptor: int, position: int) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False  # between the old one and the new one
    return there.st_ino != os.fstat(descriptor).st_ino or there.st_size < position
