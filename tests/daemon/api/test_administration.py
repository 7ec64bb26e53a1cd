"""Keys, backups, audit trail and log over the API."""

import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from daemon.keys import Permission
from daemon.storage.backup import verify_backup
from daemon.vision.recogniser import Recogniser
from tests.daemon.api.rig import LONG, Served, serving

PASSPHRASE = "ten or more of it"


@pytest.fixture
def terminal(tmp_path: Path, recogniser: Recogniser) -> Iterator[tuple[Served, httpx.Client]]:
    with serving(tmp_path, recogniser) as served, served.client(name="everything") as client:
        yield served, client


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["code"])


def test_a_key_is_made_shown_once_used_and_revoked(terminal: tuple[Served, httpx.Client]) -> None:
    served, client = terminal
    made = client.post("/device/keys", json={"name": "reception", "permissions": ["view"]}).json()
    with httpx.Client(base_url=served.url, headers={"Api-Key": made["key"]}, timeout=LONG) as reception:
        assert reception.get("/device/status").status_code == 200
        assert code(reception.get("/device/keys")) == (403, "A_003")
        listed = client.get("/device/keys")
        assert made["key"] not in listed.text
        assert [key["name"] for key in listed.json()["keys"]] == ["everything", "reception"]
        assert client.delete("/device/keys/reception").json()["revoked"] is not None
        assert code(reception.get("/device/status")) == (401, "A_002")
    assert code(client.delete("/device/keys/reception")) == (404, "NF_004")
    assert code(client.delete("/device/keys/..%2f..%2fx")) == (404, "NF_004")


def test_a_name_is_taken_once_and_a_signing_key_shows_its_secret(terminal: tuple[Served, httpx.Client]) -> None:
    _, client = terminal
    body = {"name": "till", "permissions": ["identify"], "signed": True}
    made = client.post("/device/keys", json=body).json()
    assert made["algorithm"] == "hmac-sha256"
    assert made["secret"]
    assert code(client.post("/device/keys", json=body)) == (409, "R_013")
    for wrong in (
        {**body, "name": "a\nb"},
        {**body, "name": ".."},
        {**body, "name": "a" * 65},
        {**body, "permissions": []},
        {**body, "permissions": ["root"]},
    ):
        assert code(client.post("/device/keys", json=wrong)) == (400, "R_002")


def test_nobody_makes_a_key_that_may_more_than_they_do(terminal: tuple[Served, httpx.Client]) -> None:
    served, _ = terminal
    with served.client(Permission.KEYS, Permission.DEVICE) as client:
        assert client.post("/device/keys", json={"name": "a", "permissions": ["view", "door"]}).status_code == 200
        for more in ("users", "persons", "watch"):
            assert code(client.post("/device/keys", json={"name": "b", "permissions": [more]})) == (403, "A_003")


def test_a_backup_is_made_downloaded_and_removed(terminal: tuple[Served, httpx.Client], tmp_path: Path) -> None:
    served, client = terminal
    assert client.get("/device/backups").json() == {"backups": []}
    made = client.post("/device/backups", json={"passphrase": PASSPHRASE}).json()
    answer = client.get(f"/device/backups/{made['name']}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{made["name"]}"'
    assert len(answer.content) == made["bytes"]
    copy = tmp_path / "copy"
    copy.write_bytes(answer.content)
    assert verify_backup(copy, passphrase=PASSPHRASE).people == 0
    assert (served.folder / "backups").stat().st_mode & 0o077 == 0
    assert client.delete(f"/device/backups/{made['name']}").json() == {"backups": []}
    assert code(client.delete(f"/device/backups/{made['name']}")) == (404, "NF_004")
    short = client.post("/device/backups", json={"passphrase": "short"})
    assert code(short) == (400, "R_002")


@pytest.mark.parametrize(
    "name", ["..%2fgallery.db", "%2fetc%2fpasswd", "people-20260101T000000Z.backup%00", "..", "people-.backup", "%0a"]
)
def test_no_other_file_can_be_named(terminal: tuple[Served, httpx.Client], name: str) -> None:
    _, client = terminal
    for method in ("GET", "DELETE"):
        answer = client.request(method, f"/device/backups/{name}")
        assert code(answer) in {(404, "NF_004"), (404, "NF_003")}


def test_the_audit_trail_comes_in_pages_and_is_verified_when_asked(terminal: tuple[Served, httpx.Client]) -> None:
    served, client = terminal
    for number in range(5):
        client.get(f"/person/p{number}")
    page = client.get("/device/audit", params={"limit": 2, "verify": "true"}).json()
    assert [(entry["what"], entry["whom"]) for entry in page["entries"]] == [("look up", "p4"), ("look up", "p3")]
    assert (page["verified"], page["problem"]) == (True, None)
    older = client.get("/device/audit", params={"limit": 2, "before": page["next"]}).json()
    assert [entry["whom"] for entry in older["entries"]] == ["p2", "p1"]
    assert older["verified"] is None
    assert client.get("/device/audit", params={"who": "nobody"}).json()["entries"] == []
    with sqlite3.connect(served.folder / "audit.db") as db:
        db.execute("DROP TRIGGER append_only")
        db.execute("UPDATE line SET text = replace(text, 'p3', 'px')")
    db.close()
    spoilt = client.get("/device/audit", params={"verify": "true"}).json()
    assert spoilt["verified"] is False
    assert "not as it was written" in spoilt["problem"]


def test_the_last_lines_of_the_log(terminal: tuple[Served, httpx.Client]) -> None:
    served, client = terminal
    logger = logging.getLogger("daemon")
    logger.addHandler(served.terminal.logs)
    try:
        logging.getLogger("daemon.test").warning("one %s", "two")
        lines = client.get("/device/logs", params={"level": "warning"}).json()["lines"]
    finally:
        logger.removeHandler(served.terminal.logs)
    assert [(line["level"], line["logger"], line["message"]) for line in lines] == [
        ("warning", "daemon.test", "one two")
    ]
    for wrong in ({"level": "loud"}, {"limit": "1001"}):
        assert code(client.get("/device/logs", params=wrong)) == (400, "R_011")


def test_the_level_is_set_for_all_or_one(terminal: tuple[Served, httpx.Client]) -> None:
    _, client = terminal
    root, own = logging.getLogger(), logging.getLogger("daemon.api")
    before = root.level, own.level
    try:
        assert client.put("/device/log-level", json={"level": "error"}).json() == {"level": "error"}
        client.put("/device/log-level", json={"level": "debug", "logger": "daemon.api"})
        assert own.level == logging.DEBUG
        for wrong in ({"level": "loud"}, {"level": "info", "logger": "no.such\n"}):
            assert code(client.put("/device/log-level", json=wrong)) == (400, "R_002")
    finally:
        root.setLevel(before[0])
        own.setLevel(before[1])
