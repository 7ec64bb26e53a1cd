"""`auther run`: be a terminal."""

import json
import logging
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from daemon import app
from daemon.cli.failures import FAILURES
from daemon.cli.options import JSON_OPTION, with_config
from daemon.cli.signals import stopping_on_signals
from daemon.config.settings import DEFAULT_PATH, Settings, load
from daemon.errors import ConfigError
from daemon.filelock import alone
from daemon.logs import LogKeeper, start_logging
from daemon.outlets import Tell
from daemon.rehearsal import rehearse
from daemon.service_manager import ServiceManager
from daemon.supervision import Supervisor
from hw.newest import hanging_sources

log = logging.getLogger(__name__)


@click.command()
@JSON_OPTION
@with_config
def run(*, as_json: bool, config: Path | None) -> None:
    """Be a terminal: watch the camera, decide, drive the door, tell the building.

    SIGTERM and SIGINT end it; under systemd SIGHUP (systemctl reload) takes up a changed configuration. With --json
    each decision and each state of the door is one line on standard output; the log goes to standard error.
    """
    tell = JsonLines() if as_json else _say_nothing
    keeper = LogKeeper()
    service = ServiceManager(os.environ)
    try:
        while _run_once(config, tell=tell, keeper=keeper, service=service):
            log.info("starting anew with the configuration as it is now")
    except (click.ClickException, *FAILURES) as error:
        # `systemctl status` shows it beside the state "failed".
        service.status(f"failed: {error}")
        raise
    _leave()


def _leave() -> None:
    """End without waiting for a camera that hangs in its driver or at a dead address: everything else is closed.

    Its thread can't be told to stop, and if it came back while the interpreter shuts down, it would abort the process.
    """
    if hanging_sources():
        log.info("a camera still hangs; it is left behind")
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)


def _settings(config: Path | None) -> Settings:
    return Settings() if config is None else load(config)


def _run_once(config: Path | None, *, tell: Tell, keeper: LogKeeper, service: ServiceManager) -> bool:
    """Be a terminal until told to stop; True when told to start anew. Raises ClickException when a thread died.

    Raises StoreError where another terminal runs from the same folder.
    """
    settings = _settings(config)
    start_logging(settings.log.level, keeper=keeper, environ=os.environ, person_ids=settings.log.person_ids)
    if config is None:
        log.warning("no configuration file (%s): running on defaults, which open no real door", DEFAULT_PATH)
    supervisor = Supervisor()

    def check() -> None:
        rehearse(_settings(config), environ=os.environ, as_daemon=True)

    def reload() -> None:
        try:
            check()
        except ConfigError as error:
            told = " ".join(str(error).split())  # of several things, each is a line
            log.error("not started anew, the configuration of before holds: %s", told)
        else:
            supervisor.begin_anew()

    folder = settings.storage.folder
    with (
        # Before the strike is touched: it may be the other one's.
        alone(folder / "terminal.lock", refusal=f"{folder}: another terminal runs from this folder; stop it first"),
        stopping_on_signals(supervisor.stop, reload=reload if service.listens else None),
    ):
        app.run(
            settings,
            supervisor=supervisor,
            tell=tell,
            service=service,
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
