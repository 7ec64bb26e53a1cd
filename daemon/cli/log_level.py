"""`auther log-level`: how much a running terminal logs."""

import click

from daemon.cli.options import JSON_OPTION, echo_json, with_settings
from daemon.config.settings import Settings
from daemon.log_levels import LevelsFile, told
from daemon.logs import LEVELS, check_level


@click.command("log-level")
@click.argument("level", type=click.Choice([*LEVELS]), required=False)
@click.option("--logger", default="", metavar="NAME", help="Only of this part, e.g. daemon.mqtt [all].")
@click.option("--reset", is_flag=True, help="As configured again.")
@JSON_OPTION
@with_settings
def log_level(*, level: str | None, logger: str, reset: bool, as_json: bool, settings: Settings) -> None:
    """Set the least severity that the terminal logs, or show it.

    A running terminal takes it up within about a second, without a restart. It holds until --reset.
    """
    if reset and level is not None:
        raise click.UsageError("expected a level, or --reset")
    file = LevelsFile(settings.storage.folder)
    levels = {} if reset else dict(file.load())
    if level is not None:
        check_level(level, logger=logger)
        levels = {name: kept for name, kept in levels.items() if logger or name} | {logger: level}
    if reset or level is not None:
        file.save(levels)
    if as_json:
        echo_json({"configured": settings.log.level, "set": levels})
    else:
        click.echo(told(levels) or f"{settings.log.level}, as configured")
