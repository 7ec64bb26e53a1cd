"""Events for spreadsheets."""

import csv
import io

import pytest

from daemon.console.csv_export import COLUMNS, head, lines
from daemon.console.history import PastEvent


def cells(event: PastEvent) -> dict[str, str]:
    return next(csv.DictReader(io.StringIO((head() + lines([event])).removeprefix("\ufeff"))))


def test_one_line_an_event() -> None:
    found = cells(
        PastEvent(7, "access", {"decision": "granted", "person_id": "anna", "similarity": 98.5, "relay_ms": None})
    )
    assert (found["seq"], found["topic"], found["person_id"], found["similarity"]) == ("7", "access", "anna", "98.5")
    assert found["relay_ms"] == found["alarm"] == ""
    assert tuple(found) == COLUMNS


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "＝1"])
def test_no_cell_is_a_formula(evil: str) -> None:
    assert cells(PastEvent(1, "event", {"detail": evil}))["detail"] == f"'{evil}"


def test_what_looks_like_more_cells_stays_one() -> None:
    assert cells(PastEvent(1, "event", {"detail": 'a,"b"\nc'}))["detail"] == 'a,"b"\nc'
