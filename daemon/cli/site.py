"""`auther site`: the key that the terminals of a site have in common, and what they share."""

import os
import sys
from contextlib import closing
from pathlib import Path

import click

from daemon.cli.options import JSON_OPTION, echo_json, with_settings
from daemon.config.settings import Settings
from daemon.desk import open_store
from daemon.sharing.people import SharedPeople
from daemon.sharing.setup import site_key, site_key_file
from daemon.sharing.site_key import create_site_key, parse_site_key, write_site_key

REPLACE_OPTION = click.option("--replace", is_flag=True, help="Renew the key that is there; leaves the old site.")


@click.group()
def site() -> None:
    """One gallery for all terminals of a site."""


@site.command("create-key")
@REPLACE_OPTION
@with_settings
def create_key(*, replace: bool, settings: Settings) -> None:
    """Make the key of a new site, on its first terminal."""
    path = site_key_file(settings)
    made = create_site_key(path, replace=replace)
    click.echo(f"site {made.site_id}: key written to {path}; restart the daemon")
    click.echo("each other terminal: auther site import, with what `auther site show --secret` prints here")


@site.command("import")
@click.argument("file", type=click.Path(path_type=Path, readable=False, allow_dash=True), default="-")
@REPLACE_OPTION
@with_settings
def import_key(*, file: Path, replace: bool, settings: Settings) -> None:
    """Take over the key of a site from FILE, or from standard input."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{file}: can't be read: {error}") from error
    path = site_key_file(settings)
    taken = write_site_key(path, parse_site_key(text, source=str(file)), replace=replace)
    click.echo(f"site {taken.site_id}: key written to {path}; restart the daemon")


@site.command()
@click.option("--secret", is_flag=True, help="Print only the key itself: whoever has it has everybody's templates.")
@JSON_OPTION
@with_settings
def show(*, secret: bool, as_json: bool, settings: Settings) -> None:
    """Tell which site this terminal belongs to, how many people it shares and how many changes wait."""
    key = site_key(settings, os.environ)
    if secret:
        click.echo(key.text)
        return
    with closing(open_store(settings)) as store:
        counts = SharedPeople.of(settings, store=store, site=key).counts()
    values = {"people": counts.people, "removals": counts.removals, "due": counts.due}
    if as_json:
        echo_json({"site_id": key.site_id, "enabled": settings.sharing.enabled, **values})
        return
    click.echo(f"site {key.site_id}{'' if settings.sharing.enabled else ' (sharing.enabled is false)'}")
    click.echo(f"{counts.people} people shared, {counts.removals} removals remembered, {counts.due} changes to publish")


@site.command()
@with_settings
def restamp(*, settings: Settings) -> None:
    """Date changes anew that were made while this terminal's clock was ahead. Set the clock right first."""
    with closing(open_store(settings)) as store:
        count = SharedPeople.of(settings, store=store, site=site_key(settings, os.environ)).restamp()
    click.echo(f"{count} changes dated now; the daemon publishes them")
