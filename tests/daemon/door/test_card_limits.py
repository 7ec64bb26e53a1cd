import pytest

from daemon.config.settings import parse
from daemon.door.card_limits import check_card
from daemon.rules.credentials import Card

LINES = {"data0": {"backend": "simulated"}, "data1": {"backend": "simulated"}}
PANEL = {"panel": {"backend": "wiegand", "card_format": "37", **LINES}}
READER = {"reader": {"backend": "wiegand", **LINES}}


@pytest.mark.parametrize(
    ("sections", "card", "refusal"),
    [
        ({}, Card(facility=2**31 - 1, number=2**63 - 1), None),
        (PANEL, Card(facility=65_535, number=524_287), None),
        (PANEL, Card(facility=1, number=524_288), "number: expected at most 524287 for the panel's card format 37"),
        (PANEL | READER, Card(facility=1, number=65_536), "at most 65535 for the reader's card format 26, not 65536"),
        (READER, Card(facility=256, number=1), "facility: expected at most 255 for the reader's card format 26"),
    ],
)
def test_a_card_has_to_fit_all_that_is_attached(sections: dict[str, object], card: Card, refusal: str | None) -> None:
    settings = parse(sections, source="test")
    if refusal is None:
        check_card(settings, card)
    else:
        with pytest.raises(ValueError, match=refusal):
            check_card(settings, card)
