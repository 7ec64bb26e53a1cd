"""People as the console manages them: the list, states, access, cards, PINs, and erasure with its receipt."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from daemon.door.attached import open_credentials
from daemon.rules.credentials import Card
from daemon.vision.recogniser import Recogniser
from tests.daemon.api.rig import Served, serving
from tests.daemon.stores import template

IDS = ("Anna.B", "anna.c", "bert", "carl")


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory, recogniser: Recogniser) -> Iterator[tuple[Served, httpx.Client]]:
    line = {"backend": "simulated"}
    reader: dict[str, dict[str, object]] = {"reader": {"backend": "wiegand", "data0": line, "data1": line}}
    folder = tmp_path_factory.mktemp("staffed")
    with serving(folder, recogniser, more=reader) as served, served.client() as client:
        for seed, person_id in enumerate(IDS):
            served.terminal.gallery.enrol(
                person_id, [template(seed, model=recogniser.model, dimension=512)], replace=False
            )
        yield served, client


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["code"])


def listed(client: httpx.Client, **query: str) -> list[str]:
    return [row["personId"] for row in client.get("/persons", params=query).json()["persons"]]


def test_people_come_in_pages_by_id(staffed: tuple[Served, httpx.Client]) -> None:
    _, client = staffed
    first = client.get("/persons", params={"limit": 3}).json()
    assert ([row["personId"] for row in first["persons"]], first["next"], first["total"]) == (
        ["Anna.B", "anna.c", "bert"],
        "bert",
        4,
    )
    rest = client.get("/persons", params={"limit": 3, "after": first["next"]}).json()
    assert ([row["personId"] for row in rest["persons"]], rest["next"], rest["total"]) == (["carl"], None, 4)


def test_they_are_searched_by_a_part_of_the_id(staffed: tuple[Served, httpx.Client]) -> None:
    _, client = staffed
    assert listed(client, search="ANNA") == ["Anna.B", "anna.c"]
    assert listed(client, search=".*") == []
    assert listed(client, search="'; DROP TABLE person") == []
    assert code(client.get("/persons", params={"state": "dead"})) == (400, "R_011")


def test_who_is_suspended_is_matched_no_more_until_that_ends(staffed: tuple[Served, httpx.Client]) -> None:
    served, client = staffed
    before = len(served.terminal.gallery.current)
    assert client.post("/person/bert/state", json={"state": "suspended"}).json()["active"] is False
    assert len(served.terminal.gallery.current) == before - 1
    assert listed(client, state="suspended") == ["bert"]
    assert client.post("/person/bert/state", json={"state": "active"}).json()["active"] is True
    assert len(served.terminal.gallery.current) == before
    assert code(client.post("/person/nobody/state", json={"state": "active"})) == (404, "NF_001")
    assert code(client.post("/person/bert/state", json={"state": "gone"})) == (400, "R_002")


def test_access_is_replaced_whole(staffed: tuple[Served, httpx.Client]) -> None:
    _, client = staffed
    asked = {"validFrom": "2026-01-01T00:00:00Z", "validUntil": "2026-12-31T00:00:00+01:00", "groups": ["a", "b", "a"]}
    row = client.put("/person/carl/access", json=asked).json()
    assert (row["validFrom"], row["validUntil"]) == ("2026-01-01T00:00:00.000Z", "2026-12-30T23:00:00.000Z")
    assert row["groups"] == ["a", "b"]
    assert client.get("/person/carl/access").json() == row
    assert client.put("/person/carl/access", json={"groups": []}).json()["validUntil"] is None
    backwards = {"validFrom": "2026-01-02T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z", "groups": []}
    for wrong in (backwards, {"groups": [""]}, {"groups": [], "validFrom": "tomorrow"}, {}):
        assert code(client.put("/person/carl/access", json=wrong)) == (400, "R_002")


def test_the_schedule_that_holds_is_told(tmp_path: Path, recogniser: Recogniser) -> None:
    rules = {
        "schedules": {"office": {"windows": ["mon-fri 07:00-19:00"]}, "night": {"windows": ["daily 22:00-06:00"]}},
        "group_schedules": {"staff": "office", "guards": "night"},
    }
    with serving(tmp_path, recogniser, more={"rules": rules}) as served, served.client() as client:
        served.terminal.gallery.enrol("anna", [template(1, model=recogniser.model, dimension=512)], replace=False)
        assert client.get("/person/anna/access").json()["schedule"] is None
        row = client.put("/person/anna/access", json={"groups": ["staff", "guards"]}).json()
        assert row["schedule"] == "office, night"


def test_cards_and_pins_reach_the_door_s_book(staffed: tuple[Served, httpx.Client]) -> None:
    served, client = staffed
    book, _ = open_credentials(served.terminal.settings)
    row = client.put("/person/bert/card", json={"number": 4711, "facility": 3}).json()
    assert (row["card"], row["pin"]) == (True, False)
    assert client.put("/person/bert/pin", json={"pin": "090909"}).json()["pin"] is True
    book.refresh()
    assert book.card("bert") == Card(3, 4711)
    assert book.pin_matches("bert", "090909")
    assert code(client.put("/person/carl/card", json={"number": 4711, "facility": 3})) == (409, "R_013")
    for wrong in ({"pin": "12"}, {"pin": "12ab56"}, {"pin": 4711}, {"pin": "٤٧١١"}):
        refused = client.put("/person/bert/pin", json=wrong)
        assert code(refused) == (400, "R_002")
        assert str(wrong["pin"]) not in refused.text
    large = client.put("/person/carl/card", json={"number": 65_536})
    assert code(large) == (400, "R_002")
    assert "at most 65535 for the reader's card format 26" in large.json()["message"]
    assert code(client.put("/person/nobody/card", json={"number": 1})) == (404, "NF_001")
    assert client.delete("/person/bert/card").json()["card"] is False
    assert client.delete("/person/bert/pin").json()["pin"] is False
    book.refresh()
    assert "bert" not in book.people


def test_an_erasure_takes_everything_along_and_gives_a_receipt(staffed: tuple[Served, httpx.Client]) -> None:
    served, client = staffed
    served.terminal.gallery.enrol(
        "dora", [template(9, model=served.terminal.networks.model, dimension=512)], replace=False
    )
    client.put("/person/dora/pin", json={"pin": "4711"})
    answer = client.delete("/person/dora").json()
    assert (answer["personId"], answer["receipt"]["templates"], answer["receipt"]["credentials"]) == ("dora", 1, True)
    assert answer["receipt"]["personHash"] == served.terminal.store.person_hash("dora")
    assert code(client.get("/person/dora/access")) == (404, "NF_001")
    assert "dora" not in listed(client)
