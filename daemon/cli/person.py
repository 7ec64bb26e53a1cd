"""`auther person`: what the rules know of somebody."""

from contextlib import closing
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import click

from daemon.cli.options import JSON_OPTION, echo_json, with_settings
from daemon.cli.people import person_json
from daemon.config.settings import Settings
from daemon.desk import open_store
from daemon.storage.people import Person
from daemon.timestamps import from_iso, to_iso


def _moment(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | datetime | None:
    """A time with its zone, or `none`."""
    if value is None or value == "none":
        return value
    try:
        return datetime.fromtimestamp(from_iso(value), timezone.utc)
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{value}: expected a time such as 2026-09-01T08:00:00+02:00, or none") from None


@click.command()
@click.argument("person_id", metavar="ID")
@click.option("--groups", metavar="A,B", help="The groups that the person is in, by comma; empty for none.")
@click.option("--valid-from", metavar="TIME", callback=_moment, help="Granted from then on; none: no limit.")
@click.option("--valid-until", metavar="TIME", callback=_moment, help="Granted until then; none: no limit.")
@click.option("--suspend/--resume", default=None, help="Keep the person, but match them no more; match them again.")
@JSON_OPTION
@with_settings
def person(
    *,
    person_id: str,
    groups: str | None,
    valid_from: str | datetime | None,
    valid_until: str | datetime | None,
    suspend: bool | None,
    as_json: bool,
    settings: Settings,
) -> None:
    """Show the person ID, after changing what is given."""
    changes: dict[str, Any] = {}
    if groups is not None:
        changes["groups"] = [name.strip() for name in groups.split(",") if name.strip()]
    for name, moment in (("valid_from", valid_from), ("valid_until", valid_until)):
        if moment is not None:
            changes[name] = None if moment == "none" else moment
    if suspend is not None:
        changes["active"] = not suspend
    with closing(open_store(settings)) as store:
        found = store.person(person_id)
        if changes:
            _check_limits(replace(found, **changes))
            found = store.update(person_id, **changes)
    if as_json:
        echo_json(person_json(found))
    else:
        click.echo(_words(found))


def _check_limits(person: Person) -> None:
    if person.valid_from and person.valid_until and person.valid_from >= person.valid_until:
        raise click.BadParameter(
            f"{_words(person)}: the end has to come after the beginning", param_hint="--valid-until"
        )


def _words(person: Person) -> str:
    start, end = (to_iso(at.timestamp()) if at else "no limit" for at in (person.valid_from, person.valid_until))
    state = "active" if person.active else "suspended"
    groups = ", ".join(person.groups) or "none"
    return f"{person.person_id}: {state}, groups: {groups}, valid from: {start}, until: {end}"
