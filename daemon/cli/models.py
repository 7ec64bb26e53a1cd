"""`auther models`: which networks are installed, and whether they are the right ones."""

import click

from daemon.cli.failures import GuardedGroup
from daemon.cli.options import JSON_OPTION, echo_json, with_settings
from daemon.config.settings import Settings
from models.errors import ModelError
from models.manifest import INSTALLED_WEIGHTS, load_manifest, read_weights

LISTED = {"id", "version", "file", "sha256", "licence", "origin"}


@click.group(cls=GuardedGroup)
def models() -> None:
    """The networks and their weights."""


@models.command("list")
@JSON_OPTION
@with_settings
def list_models(*, as_json: bool, settings: Settings) -> None:
    """List the networks with version, licence and origin."""
    networks = load_manifest(settings.vision.weights or INSTALLED_WEIGHTS).networks
    if as_json:
        echo_json([spec.model_dump(mode="json", include=LISTED) for spec in networks])
        return
    for spec in networks:
        click.echo(f"{spec.label}\n  {spec.file}, {spec.licence}\n  {spec.origin}")


@models.command()
@with_settings
def verify(*, settings: Settings) -> None:
    """Compare the SHA-256 of every file with the manifest."""
    folder = settings.vision.weights or INSTALLED_WEIGHTS
    wrong = 0
    for spec in load_manifest(folder).networks:
        try:
            click.echo(f"{spec.file}: {len(read_weights(folder, spec)):,} bytes, as the manifest says")
        except ModelError as error:
            wrong += 1
            click.echo(str(error), err=True)
    if wrong:
        raise ModelError(f"{folder}: {wrong} file(s) are not what the manifest says; nothing is run from here")
