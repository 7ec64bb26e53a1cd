"""`auther config`: is the file right, and what holds."""

import os
from pathlib import Path

import click

from daemon.cli.failures import GuardedGroup
from daemon.cli.options import JSON_OPTION, echo_json, with_config, with_settings
from daemon.config.settings import DEFAULT_PATH, Settings, load
from daemon.config.toml_file import to_toml
from daemon.errors import ConfigError
from daemon.rehearsal import rehearse


@click.group(cls=GuardedGroup)
def config() -> None:
    """The configuration file."""


@config.command()
@with_config
def check(*, config: Path | None) -> None:
    """Say whether a terminal could start with the file, or name every key that is wrong, or what is not there."""
    if config is None:
        raise ConfigError(f"{DEFAULT_PATH}: no such file; name one with --config")
    rehearse(load(config), environ=os.environ, as_daemon=False)
    click.echo(f"{config}: right")


@config.command()
@JSON_OPTION
@with_settings
def show(*, as_json: bool, settings: Settings) -> None:
    """Print what holds as a complete file with comments: a start for one's own."""
    if as_json:
        echo_json(settings.model_dump(mode="json"))
    else:
        click.echo(to_toml(settings), nl=False)
