"""What several commands take: the configuration file, and JSON instead of words."""

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

import click

from daemon.config.settings import DEFAULT_PATH, Settings, load

P = ParamSpec("P")

CONFIG_OPTION = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help=f"The configuration file [{DEFAULT_PATH}, if it is there].",
)
JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="JSON on standard output, for programs.")
# Whether it may be read is told by reading it: the access(2) that click asks knows nothing of capabilities.
PICTURE = click.Path(path_type=Path, readable=False)


def config_path(named: Path | None) -> Path | None:
    """The file that holds: the one named, else the usual one if it exists, else none (all defaults)."""
    if named is not None:
        return named
    try:
        return DEFAULT_PATH if DEFAULT_PATH.exists() else None
    except PermissionError:
        return DEFAULT_PATH  # who reads it says whose it is


def with_config(command: Callable[P, None]) -> Callable[..., None]:
    """Give a command `config`: the path from its own --config or the one before it, None when there is no file."""

    @CONFIG_OPTION
    @click.pass_obj
    @functools.wraps(command)
    def wrapped(group_config: Path | None, /, *args: P.args, **kwargs: P.kwargs) -> None:
        own = kwargs.pop("config")
        kwargs["config"] = config_path(own if isinstance(own, Path) else group_config)
        command(*args, **kwargs)

    return wrapped


def with_settings(command: Callable[P, None]) -> Callable[..., None]:
    """Give a command `settings`, read from the file that `with_config` finds. Raises ConfigError."""

    @with_config
    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        path = kwargs.pop("config")
        kwargs["settings"] = load(path) if isinstance(path, Path) else Settings()
        command(*args, **kwargs)

    return wrapped


def echo_json(value: object) -> None:
    """One JSON document in one line; what is not UTF-8 in a file's name is JSON's escape, which any output takes."""
    click.echo(json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace").decode())
