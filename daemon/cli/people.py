"""`auther people`, `auther remove`: who is enrolled."""

from contextlib import closing

import click

from daemon.cli.options import JSON_OPTION, echo_json, with_settings
from daemon.config.settings import Settings
from daemon.desk import open_store
from daemon.door.attached import forget_credentials
from daemon.storage.people import Person
from daemon.timestamps import to_iso
from models.manifest import INSTALLED_WEIGHTS, load_manifest


@click.command()
@click.option("--stale", "only_stale", is_flag=True, help="Only who has no template of the network that runs now.")
@JSON_OPTION
@with_settings
def people(*, only_stale: bool, as_json: bool, settings: Settings) -> None:
    """List the people who are enrolled."""
    with closing(open_store(settings)) as store:
        outdated = store.stale(running_model(settings))
        everybody = outdated if only_stale else store.people()
    stale = {person.person_id for person in outdated}
    if as_json:
        echo_json([{**person_json(person), "stale": person.person_id in stale} for person in everybody])
        return
    if not everybody and only_stale:
        click.echo("nobody: every person has a template of the network that runs now")
    elif not everybody:
        click.echo("nobody is enrolled; start with: auther enroll ID --image FILE")
    width = max((len(person.person_id) for person in everybody), default=0)
    for person in everybody:
        click.echo(f"{person.person_id:<{width}}  {_state(person, stale=person.person_id in stale)}")


@click.command()
@click.argument("person_id", metavar="ID")
@JSON_OPTION
@with_settings
def remove(*, person_id: str, as_json: bool, settings: Settings) -> None:
    """Erase the person ID and all that is stored of them."""
    with closing(open_store(settings)) as store:
        receipt = store.remove(person_id)
        credentials = forget_credentials(settings, person_id)
    if as_json:
        echo_json(
            {
                "person_hash": receipt.person_hash,
                "erased": to_iso(receipt.erased.timestamp()),
                "templates": receipt.templates,
                "images": receipt.images,
                "credentials": credentials,
                "complete": receipt.complete,
            }
        )
        return
    pictures = f" and {receipt.images} picture(s)" if receipt.images else ""
    besides = ", with card and PIN" if credentials else ""
    click.echo(f"{person_id}: removed, {receipt.templates} template(s){pictures} erased{besides}")
    if not receipt.complete:
        click.echo("encrypted traces stay in the write-ahead log until the next change, as another process was reading")


def running_model(settings: Settings) -> str:
    """The label of the embedding network that this terminal runs. Raises ModelError."""
    return load_manifest(settings.vision.weights or INSTALLED_WEIGHTS).embedder.label


def person_json(person: Person) -> dict[str, object]:
    """A person as programs read them."""
    return {
        "person_id": person.person_id,
        "created": to_iso(person.created.timestamp()),
        "updated": to_iso(person.updated.timestamp()),
        "active": person.active,
        "valid_from": to_iso(person.valid_from.timestamp()) if person.valid_from else None,
        "valid_until": to_iso(person.valid_until.timestamp()) if person.valid_until else None,
        "groups": list(person.groups),
        "templates": person.templates,
    }


def _state(person: Person, *, stale: bool) -> str:
    parts = [f"enrolled {person.created:%Y-%m-%d %H:%M} UTC", f"{person.templates} template(s)"]
    if not person.active:
        parts.append("suspended")
    if stale:
        parts.append("enrolled with another network: enrol again")
    return ", ".join(parts)
