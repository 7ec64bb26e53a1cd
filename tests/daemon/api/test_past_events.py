"""Past events over the API: filters, CSV, pictures, charts."""

import csv
import io
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import httpx
import pytest

from daemon.enrolment.images import ImageArchive
from daemon.vision.recogniser import Recogniser
from tests.daemon.api.rig import Served, serving

JPEG = b"\xff\xd8 not quite a face \xff\xd9"


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory, recogniser: Recogniser) -> Iterator[tuple[Served, httpx.Client]]:
    with serving(tmp_path_factory.mktemp("past"), recogniser) as served, served.client() as client:
        outbox = served.terminal.outbox
        outbox.append("access", {"decision": "granted", "reason": "granted", "person_id": "anna", "similarity": 99.0})
        outbox.append("access", {"decision": "denied", "reason": "spoof", "person_id": None})
        outbox.append("alarm", {"alarm": "forced", "detail": "=cmd|' /C calc'!A0"})
        outbox.append("event", {"event": "opened"})
        yield served, client


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["code"])


def found(client: httpx.Client, **query: str) -> list[int]:
    return [event["seq"] for event in client.get("/device/events", params=query).json()["events"]]


def test_filters(past: tuple[Served, httpx.Client]) -> None:
    _, client = past
    assert found(client) == [4, 3, 2, 1]
    assert found(client, kind="denied") == [2]
    assert found(client, person="anna") == [1]
    assert found(client, reason="forced") == [3]
    assert found(client, **{"from": "2100-01-01T00:00:00Z"}) == []
    assert found(client, to="2100-01-01T00:00:00+01:00", kind="event") == [4]


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"from": "2026-01-01T00:00:00"},
        {"to": "9" * 5000},
        {"kind": "everything"},
        {"reason": "' OR 1=1 --"},
        {"person": "../../etc/passwd"},
        {"person": "a" * 6000},
        {"limit": "0"},
    ],
)
def test_what_is_no_filter_is_told(past: tuple[Served, httpx.Client], query: dict[str, str]) -> None:
    _, client = past
    for path in ("/device/events", "/device/events.csv"):
        if path.endswith("csv") and "limit" in query:
            continue
        answer = client.get(path, params=query)
        assert answer.status_code == 400
        assert answer.json()["code"] in {"R_006", "R_011"}
        assert len(answer.text) < 2000


def test_a_spreadsheet_gets_texts_not_formulas(past: tuple[Served, httpx.Client]) -> None:
    _, client = past
    answer = client.get("/device/events.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="events-')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["seq"] for row in rows] == ["4", "3", "2", "1"]
    assert rows[1]["detail"] == "'=cmd|' /C calc'!A0"


def test_a_long_export_is_whole(tmp_path: Path, recogniser: Recogniser) -> None:
    with serving(tmp_path, recogniser) as served, served.client() as client:
        for _ in range(901):
            served.terminal.outbox.append("event", {"event": "opened"})
        rows = list(csv.DictReader(io.StringIO(client.get("/device/events.csv").content.decode("utf-8-sig"))))
        assert [int(row["seq"]) for row in rows] == list(range(901, 0, -1))


def test_a_picture_is_shown_where_one_was_kept(past: tuple[Served, httpx.Client]) -> None:
    served, client = past
    event = client.get("/device/events", params={"kind": "denied"}).json()["events"][0]
    assert event["picture"] is False
    assert code(client.get("/device/events/2/picture")) == (404, "NF_004")
    archive = ImageArchive(store=served.terminal.store)
    archive.keep(JPEG, kind="denied", taken=datetime.now(timezone.utc), event_id=event["event_id"])
    assert client.get("/device/events", params={"kind": "denied"}).json()["events"][0]["picture"] is True
    answer = client.get("/device/events/2/picture")
    assert (answer.headers["Content-Type"], answer.content) == ("image/jpeg", JPEG)
    assert answer.headers["Cache-Control"] == "no-store"
    ImageArchive(store=served.terminal.store, clock=lambda: time.time() + 1e6).expire(days=0.5)
    assert code(client.get("/device/events/2/picture")) == (404, "NF_004")
    for odd in ("0", "-1", "9" * 30, "x", "..%2f..%2fetc%2fpasswd"):
        assert code(client.get(f"/device/events/{odd}/picture")) == (404, "NF_004")


def test_a_day_in_numbers(past: tuple[Served, httpx.Client]) -> None:
    _, client = past
    day = client.get("/device/day").json()
    assert (day["timezone"], day["date"]) == ("UTC", datetime.now(timezone.utc).date().isoformat())
    assert sum(hour["granted"] for hour in day["hours"]) == 1
    assert sum(hour["denied"] for hour in day["hours"]) == 1
    assert {one["reason"]: one["count"] for one in day["reasons"]} == {"granted": 1, "spoof": 1}
    assert (len(day["similarity"]["bins"]), day["similarity"]["granted"][49]) == (50, 1)
    assert 50 < day["similarity"]["threshold"] <= 100
    assert (day["liveness"]["bins"][1], day["liveness"]["threshold"]) == (0.02, 0.5)
    assert client.get("/device/day", params={"date": "2020-02-29"}).json()["reasons"] == []
    for wrong in ("2026-02-30", "2026", "today", "0000-01-01", "99999-01-01", "20260101"):
        assert code(client.get("/device/day", params={"date": wrong})) == (400, "R_011")
