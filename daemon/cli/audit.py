"""`auther audit`: who did what to whom when, and whether that record is whole."""

from contextlib import closing

import click

from daemon.audit import open_audit
from daemon.cli.failures import GuardedGroup
from daemon.cli.options import with_settings
from daemon.config.settings import Settings
from daemon.desk import open_store


@click.group(cls=GuardedGroup)
def audit() -> None:
    """The audit trail of the API."""


@audit.command()
@with_settings
def verify(*, settings: Settings) -> None:
    """Say whether every line is there as it was written, or which is not."""
    with closing(open_store(settings)) as store, closing(open_audit(settings.storage.folder, store)) as trail:
        click.echo(f"{trail.verify()} line(s), all as they were written")


@audit.command()
@click.option("--last", type=click.IntRange(min=1), default=100, show_default=True, metavar="N", help="How many.")
@with_settings
def show(*, last: int, settings: Settings) -> None:
    """Print the newest lines, oldest first, one JSON object each."""
    with closing(open_store(settings)) as store, closing(open_audit(settings.storage.folder, store)) as trail:
        for line in trail.lines(limit=last):
            click.echo(line)
