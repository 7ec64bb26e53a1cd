"""`auther export-people`: the people as a table for other programs, without templates."""

import io
from contextlib import closing
from pathlib import Path

import click

from daemon.cli.options import with_settings
from daemon.config.settings import Settings
from daemon.desk import open_store
from daemon.storage.backupfile import replacing
from daemon.storage.export import export_people as write_people


@click.command("export-people")
@click.argument("file", type=click.Path(path_type=Path), metavar="[FILE]", required=False)
@with_settings
def export_people(*, file: Path | None, settings: Settings) -> None:
    """Write the people as CSV to FILE (mode 0600) or to standard output."""
    table = io.StringIO(newline="")
    with closing(open_store(settings)) as store:
        count = write_people(store.people(), table)
    if file is None:
        click.echo(table.getvalue(), nl=False)
        return
    with replacing(file) as target:
        target.write(table.getvalue().encode())
    click.echo(f"{file}: {count} people", err=True)
