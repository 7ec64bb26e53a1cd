"""`auther cards`, `auther pin`: what people have besides their faces."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from daemon.cli.failures import GuardedGroup
from daemon.cli.options import JSON_OPTION, echo_json, with_settings
from daemon.cli.passphrase import somebody_there
from daemon.config.settings import Settings
from daemon.desk import open_store
from daemon.door.attached import open_credentials
from daemon.door.card_limits import check_card
from daemon.rules.credentials import Card, CredentialBook


@click.group(cls=GuardedGroup)
def cards() -> None:
    """The cards of people, for a panel or a card reader."""


@cards.command("set")
@click.argument("person_id", metavar="ID")
@click.argument("number", type=click.IntRange(min=0))
@click.option("--facility", type=click.IntRange(min=0), default=0, show_default=True, help="The facility code.")
@with_settings
def set_card(*, person_id: str, number: int, facility: int, settings: Settings) -> None:
    """Give the person ID the card NUMBER, in place of any other. It has to fit the panel's and the reader's format."""
    with _credentials_of(settings, person_id) as book:
        card = Card(facility=facility, number=number)
        check_card(settings, card)
        book.set_card(person_id, card)
    click.echo(f"{person_id}: card {number}, facility {facility}")


@cards.command("remove")
@click.argument("person_id", metavar="ID")
@with_settings
def remove_card(*, person_id: str, settings: Settings) -> None:
    """Take the person ID's card away, also of somebody who is not enrolled any more."""
    with _credentials_of(settings, person_id, also_of_the_gone=True) as book:
        book.set_card(person_id, None)
    click.echo(f"{person_id}: no card")


@cards.command("list")
@JSON_OPTION
@with_settings
def list_cards(*, as_json: bool, settings: Settings) -> None:
    """List who has which card, and who has a PIN."""
    with closing(open_store(settings)):
        book, _ = open_credentials(settings)
    rows = [
        {
            "person_id": person_id,
            "facility": known.card.facility if known.card else None,
            "number": known.card.number if known.card else None,
            "pin": known.pin is not None,
        }
        for person_id, known in sorted(book.people.items())
    ]
    if as_json:
        echo_json(rows)
        return
    for row in rows:
        card = "no card" if row["number"] is None else f"card {row['number']}, facility {row['facility']}"
        click.echo(f"{row['person_id']}  {card}{', PIN' if row['pin'] else ''}")


@click.group(cls=GuardedGroup)
def pin() -> None:
    """The PINs of people, as a second factor (rules.second_factor)."""


@pin.command("set")
@click.argument("person_id", metavar="ID")
@with_settings
def set_pin(*, person_id: str, settings: Settings) -> None:
    """Give the person ID a PIN of 4 to 12 digits, in place of any other; it is asked for twice.

    Programs write it in one line to standard input.
    """
    with _credentials_of(settings, person_id) as book:
        book.set_pin(person_id, _asked())
    click.echo(f"{person_id}: new PIN")


@pin.command("remove")
@click.argument("person_id", metavar="ID")
@with_settings
def remove_pin(*, person_id: str, settings: Settings) -> None:
    """Take the person ID's PIN away, also of somebody who is not enrolled any more."""
    with _credentials_of(settings, person_id, also_of_the_gone=True) as book:
        book.set_pin(person_id, None)
    click.echo(f"{person_id}: no PIN")


def _asked() -> str:
    if not somebody_there():
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("PIN", hide_input=True, confirmation_prompt=True, err=True))


@contextmanager
def _credentials_of(settings: Settings, person_id: str, *, also_of_the_gone: bool = False) -> Iterator[CredentialBook]:
    """The cards and PINs; a refused value is a wrong call. Raises PersonNotFound, StoreError."""
    with closing(open_store(settings)) as store:
        book, _ = open_credentials(settings)
        if not (also_of_the_gone and person_id in book.people):
            store.person(person_id)
    try:
        yield book
    except ValueError as error:
        raise click.UsageError(str(error)) from error
