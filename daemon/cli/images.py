"""`auther images`: the pictures of faces that the configuration has kept."""

from contextlib import closing
from pathlib import Path

import click

from daemon.cli.failures import GuardedGroup
from daemon.cli.options import JSON_OPTION, echo_json, with_settings
from daemon.config.settings import Settings
from daemon.desk import open_store
from daemon.enrolment.images import ImageArchive
from daemon.storage.backupfile import replacing
from daemon.timestamps import to_iso


@click.group(cls=GuardedGroup)
def images() -> None:
    """The kept pictures of faces (storage.keep_images)."""


@images.command("list")
@click.option("--person", "person_id", metavar="ID", help="Only pictures of this person.")
@JSON_OPTION
@with_settings
def list_images(*, person_id: str | None, as_json: bool, settings: Settings) -> None:
    """List the pictures, oldest first."""
    with closing(open_store(settings)) as store:
        kept = [one for one in ImageArchive(store=store).all() if person_id in (None, one.person_id)]
    if as_json:
        echo_json(
            [
                {
                    "number": one.number,
                    "kind": one.kind,
                    "taken": to_iso(one.taken.timestamp()),
                    "person_id": one.person_id,
                    "event_id": one.event_id or None,
                    "bytes": len(one.jpeg),
                }
                for one in kept
            ]
        )
        return
    for one in kept:
        click.echo(f"{one.number}  {one.taken:%Y-%m-%d %H:%M:%S} UTC  {one.kind}  {one.person_id or '-'}")


@images.command()
@click.argument("number", type=int)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@with_settings
def save(*, number: int, file: Path, settings: Settings) -> None:
    """Write picture NUMBER to FILE as JPEG, mode 0600: from there on nothing erases it."""
    with closing(open_store(settings)) as store:
        one = ImageArchive(store=store).get(number)
    with replacing(file) as target:
        target.write(one.jpeg)
    click.echo(f"{file}: {one.kind}, {one.taken:%Y-%m-%d %H:%M:%S} UTC", err=True)
