"""The order of the looks; one that fails is itself a finding, and the others go on."""

from collections.abc import Iterator
from pathlib import Path

from daemon.config.settings import DEFAULT_PATH, Settings, load
from daemon.doctor.api import look_at_api
from daemon.doctor.board import look_at_board
from daemon.doctor.broker import look_at_broker
from daemon.doctor.camera import look_at_camera
from daemon.doctor.finding import Finding, Look, fine, problem, warning
from daemon.doctor.host import look_at_clock, look_at_groups, look_at_load, look_at_temperature
from daemon.doctor.lines import look_at_lines
from daemon.doctor.panel import look_at_panel
from daemon.doctor.screen import look_at_screen
from daemon.doctor.storage import look_at_storage
from daemon.doctor.vision import look_at_vision
from daemon.errors import AutherError, ConfigError
from hw.errors import HardwareError
from models.errors import ModelError


def examine(config: Path | None) -> Iterator[Finding]:
    """Look at everything, one finding after the other as they are made. `config` None: there is no file.

    With a file that is wrong, what depends on it is not looked at: it would be told about defaults.
    """
    settings: Settings | None = None
    if config is None:
        yield warning(
            "configuration",
            f"{DEFAULT_PATH}: no such file; defaults hold, which open no real door",
            "write one: `auther config show` prints a complete start",
        )
        settings = Settings()
    else:
        try:
            settings = load(config)
            yield fine("configuration", f"{config}: every key is right")
        except ConfigError as error:
            yield problem("configuration", str(error), "mend the file; what depends on it was not looked at")
    for name, look in _looks(settings):
        yield from _guarded(name, look)


def _looks(settings: Settings | None) -> Iterator[tuple[str, Look]]:
    if settings is not None:
        found = settings
        yield "camera", lambda: look_at_camera(found)
        yield "lines", lambda: look_at_lines(found.door)
        yield "panel", lambda: look_at_panel(found)
        yield "broker", lambda: look_at_broker(found)
        yield "api", lambda: look_at_api(found)
        yield "screen", lambda: look_at_screen(found)
        yield "vision", lambda: look_at_vision(found)
        yield "storage", lambda: look_at_storage(found)
        yield "groups", lambda: look_at_groups(found)
    yield "pins", look_at_board
    yield "clock", look_at_clock
    yield "temperature", look_at_temperature
    yield "load", look_at_load


def _guarded(name: str, look: Look) -> Iterator[Finding]:
    try:
        yield from look()
    except (AutherError, HardwareError, ModelError) as error:
        yield problem(name, str(error))
    except OSError as error:
        yield problem(name, f"can't be looked at: {error}")
