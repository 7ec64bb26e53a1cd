"""Which cards fit into what is attached to the door. Pure."""

from daemon.config.settings import Settings
from daemon.rules.credentials import Card


def check_card(settings: Settings, card: Card) -> None:
    """Raises ValueError with the limit when the panel can't be sent the card, or the reader can't read it."""
    for what, section in (("panel", settings.panel), ("reader", settings.reader)):
        if section is None:
            continue
        known = settings.cards.find(section.card_format)
        for name, value, field in (
            ("number", card.number, known.number),
            ("facility", card.facility, known.facility),
        ):
            most = (1 << field.length) - 1
            if value > most:
                raise ValueError(
                    f"{name}: expected at most {most} for the {what}'s card format {known.name}, not {value}"
                )
