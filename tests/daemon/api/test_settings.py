"""The configuration in the browser."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from daemon.config.settings import load
from daemon.errors import ConfigError
from daemon.vision.recogniser import Recogniser
from tests.daemon.api.rig import Served, serving

TEXT = """\
# East door.
[camera]
backend = "webcam"
source = "rtsp://viewer:hunter2@camera/1"  # keep

[log]
level = "info"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "auther.toml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def restarts() -> list[int]:
    return []


@pytest.fixture
def terminal(
    tmp_path: Path, path: Path, restarts: list[int], recogniser: Recogniser
) -> Iterator[tuple[Served, httpx.Client]]:
    def restart() -> None:
        try:
            load(path)
        except ConfigError:
            raise
        restarts.append(1)

    with serving(tmp_path, recogniser, config=path, restart=restart) as served, served.client() as client:
        yield served, client


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["code"])


def fields(client: httpx.Client) -> dict[str, dict[str, Any]]:
    sections = client.get("/device/settings").json()["sections"]
    return {field["name"]: field for section in sections for field in section["fields"]}


def test_every_key_is_there_with_its_kind_and_meaning(terminal: tuple[Served, httpx.Client]) -> None:
    _, client = terminal
    found = fields(client)
    pulse = found["door.pulse_seconds"]
    assert (pulse["value"], pulse["type"], pulse["unit"], pulse["minimum"], pulse["maximum"]) == (
        3.0,
        "number",
        "s",
        0.1,
        60.0,
    )
    assert pulse["help"]
    assert pulse["needsRestart"] is True
    assert found["liveness.level"]["choices"] == ["convenience", "standard", "strict"]
    assert found["storage.folder"]["fixed"] is True
    assert found["log.level"]["needsRestart"] is False
    sections = {one["name"]: one for one in client.get("/device/settings").json()["sections"]}
    assert (sections["panel"]["present"], sections["panel"]["fields"]) == (False, [])


def test_no_secret_is_shown_nor_taken_for_a_value(terminal: tuple[Served, httpx.Client], path: Path) -> None:
    _, client = terminal
    source = fields(client)["camera.source"]
    assert (source["value"], source["secret"]) == ("rtsp://***@camera/1", True)
    answer = client.put("/device/settings", json={"changes": {"camera.source": source["value"]}})
    assert code(answer) == (400, "R_002")
    assert "hunter2" in path.read_text()


def test_a_change_is_in_the_file_and_says_what_it_needs(terminal: tuple[Served, httpx.Client], path: Path) -> None:
    served, client = terminal
    answer = client.put("/device/settings", json={"changes": {"door.pulse_seconds": 5, "device.id": "east"}})
    assert answer.json() == {
        "applied": ["device.id", "door.pulse_seconds"],
        "needsRestart": ["device.id", "door.pulse_seconds"],
        "warnings": [],
    }
    assert load(path).door.pulse_seconds == 5
    line = json.loads(served.audit.lines(limit=1)[0])
    assert (line["what"], line["whom"]) == ("change settings", "device.id, door.pulse_seconds")
    assert path.read_text().startswith(TEXT.rstrip())
    found = fields(client)["door.pulse_seconds"]
    assert (found["value"], found["pending"]) == (5.0, True)


def test_the_level_of_the_log_holds_at_once(terminal: tuple[Served, httpx.Client]) -> None:
    _, client = terminal
    before = logging.getLogger().level
    try:
        answer = client.put("/device/settings", json={"changes": {"log.level": "error"}})
        assert answer.json()["needsRestart"] == []
        assert logging.getLogger().level == logging.ERROR
        assert client.get("/device/logs").json()["level"] == "error"
    finally:
        logging.getLogger().setLevel(before)


def test_what_is_wrong_is_named_key_by_key_and_nothing_is_changed(
    terminal: tuple[Served, httpx.Client], path: Path
) -> None:
    _, client = terminal
    changes = {"door.pulse_seconds": 900, "policy.agreeing_frames": 9, "device.id": "west"}
    answer = client.put("/device/settings", json={"changes": changes})
    assert code(answer) == (400, "R_002")
    assert [problem["field"] for problem in answer.json()["problems"]] == [
        "policy.agreeing_frames",
        "door.pulse_seconds",
    ]
    assert path.read_text() == TEXT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("storage.folder", "/tmp"),
        ("camera.backend", "replay"),
        ("camera.path", "/etc/passwd"),
        ("panel.trace_file", "/etc/cron.d/x"),
        ("rules.schedules", {"x": {"windows": []}}),
        ("nothing", 1),
        ("device", {"id": "x"}),
        ("device.id", {"x": 1}),
        ("rules.holidays", [["x"]]),
        ("device.__class__", "x"),
        ("../../etc", "x"),
    ],
)
def test_what_is_not_changed_from_afar_is_refused(
    terminal: tuple[Served, httpx.Client], path: Path, name: str, value: object
) -> None:
    _, client = terminal
    answer = client.put("/device/settings", json={"changes": {name: value}})
    assert code(answer) == (400, "R_002")
    assert answer.json()["problems"][0]["field"] == name
    assert path.read_text() == TEXT


def test_nobody_locks_themselves_out_by_mistake(terminal: tuple[Served, httpx.Client], path: Path) -> None:
    _, client = terminal
    asked = {"changes": {"api.enabled": False, "console.enabled": False}}
    refused = client.put("/device/settings", json=asked)
    assert code(refused) == (409, "C_002")
    assert "api.enabled" in refused.json()["message"]
    assert path.read_text() == TEXT
    confirmed = client.put("/device/settings", json={**asked, "confirm": True})
    assert len(confirmed.json()["warnings"]) == 2
    assert load(path).api.enabled is False


def test_a_restart_is_refused_with_a_spoilt_file(
    terminal: tuple[Served, httpx.Client], path: Path, restarts: list[int]
) -> None:
    _, client = terminal
    assert client.post("/device/restart").json() == {"restarting": True}
    path.write_text("door = 1")
    for answer in (client.post("/device/restart"), client.get("/device/settings")):
        assert code(answer) == (409, "C_003")
    assert code(client.put("/device/settings", json={"changes": {"device.id": "x"}})) == (409, "C_003")
    assert restarts == [1]


def test_without_a_file_settings_are_only_shown(tmp_path: Path, recogniser: Recogniser) -> None:
    with serving(tmp_path, recogniser) as served, served.client() as client:
        assert client.get("/device/settings").json()["writable"] is False
        assert code(client.put("/device/settings", json={"changes": {"device.id": "x"}})) == (409, "C_001")
        assert client.put("/device/settings", json={"changes": {}}).json()["applied"] == []
