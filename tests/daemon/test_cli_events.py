"""`auther events`, also while events come."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from daemon.events.outbox import Outbox
from tests.daemon.terminal import ROOT, Terminal

DECISION = {"decision": "granted", "reason": "granted", "person_id": "ada", "similarity": 99.1, "relay_ms": None}


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    (tmp_path / "store").mkdir()
    return Terminal(tmp_path)


@pytest.fixture
def outbox(terminal: Terminal, tmp_path: Path) -> Iterator[Outbox]:
    path = tmp_path / "store" / "events.db"
    with closing(Outbox(path=path, device_id="door", limit=100, max_age_seconds=1e6)) as outbox:
        outbox.append("access", DECISION)
        outbox.append("alarm", {"alarm": "forced", "detail": None})
        outbox.append("access", {**DECISION, "person_id": "bob", "decision": "denied", "reason": "schedule"})
        yield outbox


def test_the_newest_come_last(terminal: Terminal, outbox: Outbox) -> None:
    lines = terminal("events").stdout.splitlines()
    assert [line.split(" ", 2)[2] for line in lines] == [
        "#1 granted (granted) person_id=ada similarity=99.1",
        "#2 alarm forced",
        "#3 denied (schedule) person_id=bob similarity=99.1",
    ]
    assert terminal("events", "-n", "1").stdout.splitlines() == lines[2:]
    assert terminal("events", "-n", "0").stdout == ""


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (("--kind", "alarm"), [2]),
        (("--kind", "alarm", "--kind", "access"), [1, 2, 3]),
        (("--person", "ada"), [1]),
        (("--since", "1h"), [1, 2, 3]),
        (("--since", "2999-01-01T00:00:00Z"), []),
    ],
)
def test_filters(terminal: Terminal, outbox: Outbox, words: tuple[str, ...], numbers: list[int]) -> None:
    result = terminal("events", "--json", *words)
    assert [json.loads(line)["seq"] for line in result.stdout.splitlines()] == numbers


def test_a_time_that_is_none_is_explained(terminal: Terminal, outbox: Outbox) -> None:
    result = terminal("events", "--since", "yesterday")
    assert result.exit_code == 2
    assert "expected a time such as 2026-11-23T08:00:00Z" in result.output


def test_who_follows_sees_what_comes_once_and_by_the_filter(terminal: Terminal, outbox: Outbox) -> None:
    command = [sys.executable, "-m", "daemon", "--config", str(terminal.config), "events"]
    words = ["--follow", "--json", "--kind", "access", "-n", "1"]
    with subprocess.Popen([*command, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["seq"] == 3
        outbox.append("alarm", {"alarm": "tamper", "detail": None})
        outbox.append("access", DECISION)
        began = json.loads(process.stdout.readline())
        outbox.append("access", DECISION)
        assert (began["seq"], json.loads(process.stdout.readline())["seq"]) == (5, 6)
        process.terminate()
