"""`auther run`: be a terminal."""

import json
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from daemon import app
from daemon.cli.options import JSON_OPTION, with_config
from daemon.cli.signals import stopping_on_signals
from daemon.config.settings import DEFAULT_PATH, Settings, load
from daemon.logs import LogKeeper, start_logging
from daemon.outlets import Tell
from daemon.supervision import Supervisor

log = logging.getLogger(__name__)


@click.command()
@JSON_OPTION
@with_config
def run(*, as_json: bool, config: Path | None) -> None:
    """Be a terminal: watch the camera, decide, drive the door, tell the building.

    SIGTERM and SIGINT end it. With --json each decision and each state of the door is one line on standard output; the
    log goes to standard error.
    """
    tell = JsonLines() if as_json else _say_nothing
    keeper = LogKeeper()
    while _run_once(_settings(config), config=config, tell=tell, keeper=keeper):
        log.info("starting anew with the configuration as it is now")


def _settings(config: Path | None) -> Settings:
    return Settings() if config is None else load(config)


def _run_once(settings: Settings, *, config: Path | None, tell: Tell, keeper: LogKeeper) -> bool:
    """Be a terminal until told to stop; True when told to start anew. Raises ClickException when a thread died."""
    start_logging(settings.log.level, keeper=keeper, environ=os.environ)
    if config is None:
        log.warning("no configuration file (%s): running on defaults, which open no real door", DEFAULT_PATH)
    supervisor = Supervisor()

    def check() -> None:
        _settings(config)

    with stopping_on_signals(supervisor.stop):
        app.run(
            settings,
            supervisor=supervisor,
            tell=tell,
            check_configuration=check,
            surroundings=app.Surroundings(config, keeper),
        )
    if supervisor.failure is not None:
        name, error = supervisor.failure
        raise click.ClickException(f"the {name} thread died: {error}")
    return supervisor.restart.is_set()


class JsonLines:
    """Writes one JSON object a line to standard output, until its reader goes away."""

    def __init__(self) -> None:
        self._gone = False

    def __call__(self, payload: Mapping[str, object]) -> None:
        if self._gone:
            return
        try:
            sys.stdout.write(json.dumps(payload, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            # A door must not close because a log reader did. The interpreter flushes once more at its end.
            log.warning("nobody reads standard output any more")
            self._gone = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say_nothing(_payload: Mapping[str, object]) -> None:
    """The log on standard error says it all."""
