"""`auther keys`: the keys of this terminal."""

import click

from daemon.cli.failures import GuardedGroup


@click.group(cls=GuardedGroup)
def keys() -> None:
    """The keys of this terminal."""
