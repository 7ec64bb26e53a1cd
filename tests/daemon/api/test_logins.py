"""Guessing at the console's passwords."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from daemon.console.attempts import OF_ADDRESS, Attempts
from daemon.console.passwords import PasswordHasher
from daemon.vision.recogniser import Recogniser
from tests.daemon.api.logins import PASSWORD, add_user, log_in
from tests.daemon.api.rig import Served, serving


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """That by which failures are counted."""
    clock = Clock()
    make = Attempts
    monkeypatch.setattr("daemon.console.access.Attempts", lambda: make(clock=clock))
    return clock


@pytest.fixture
def console(tmp_path: Path, recogniser: Recogniser, clock: Clock) -> Iterator[Served]:
    with serving(tmp_path, recogniser) as served:
        add_user(served, "anna")
        yield served


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["code"])


def tell_no_id(answer: httpx.Response) -> tuple[int, str, list[str]]:
    """All that somebody outside can see of an answer, but for what names it."""
    names = sorted(name for name in answer.headers if name not in {"date", "request-id"})
    return answer.status_code, answer.text, names


def test_a_wrong_password_and_an_unknown_user_look_the_same(console: Served) -> None:
    known, unknown = log_in(console, "anna", "wrong"), log_in(console, "nobody", "wrong")
    assert code(known) == (401, "A_006")
    assert tell_no_id(known) == tell_no_id(unknown)


def test_and_are_hashed_alike(console: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str | None] = []
    matches = PasswordHasher.matches

    def counted(hasher: PasswordHasher, password: str, stored: str | None) -> bool:
        hashed.append(stored)
        return matches(hasher, password, stored)

    monkeypatch.setattr(PasswordHasher, "matches", counted)
    log_in(console, "anna", "wrong")
    log_in(console, "nobody", "wrong")
    assert [stored is None for stored in hashed] == [False, True]


@pytest.mark.parametrize("user", ["anna", "nobody"])
def test_brute_force_waits_and_the_right_password_works_afterwards(console: Served, clock: Clock, user: str) -> None:
    for number in range(OF_ADDRESS.free):
        assert code(log_in(console, user, f"guess {number}")) == (401, "A_006")
    waiting = log_in(console, user, "one more guess")
    assert code(waiting) == (429, "L_003")
    assert waiting.headers["Retry-After"] == "1"
    assert code(log_in(console, "anna")) == (429, "L_003")
    clock.now += 1.0
    assert log_in(console, "anna").status_code == 200


def test_the_set_up_code_is_not_guessed_either(tmp_path: Path, recogniser: Recogniser, clock: Clock) -> None:
    with serving(tmp_path, recogniser) as served, httpx.Client(base_url=served.url, timeout=30) as client:
        guess = {"setupCode": "0000-0000-0000", "user": "mallory", "password": PASSWORD}
        for _ in range(OF_ADDRESS.free):
            assert code(client.post("/console/setup", json=guess)) == (401, "A_006")
        assert code(client.post("/console/setup", json={**guess, "user": "other"})) == (429, "L_003")


def test_what_is_typed_wrongly_stands_nowhere(console: Served, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "daemon"):
        log_in(console, "walnut-harbour", PASSWORD)
        log_in(console, "anna", "hunter2hunter2hunter2")
        log_in(console, "evil\r\nadmin: granted", "x")
    lines = console.audit.lines(limit=3)
    assert [json.loads(line)["whom"] for line in lines] == [None, "anna", None]
    assert [json.loads(line)["result"] for line in lines] == ["401"] * 3
    for secret in ("walnut-harbour", PASSWORD, "hunter2", "admin: granted"):
        assert secret not in caplog.text
        assert not any(secret in line for line in lines)


def test_who_tries_stands_in_the_audit_trail_and_waits_there_once(console: Served) -> None:
    for _ in range(OF_ADDRESS.free + 10):
        log_in(console, "anna", "wrong")
    lines = [json.loads(line) for line in console.audit.lines()]
    tried = [(line["who"], line["whom"], line["result"]) for line in lines if line["what"] == "log in"]
    assert tried == [("console@127.0.0.1", "anna", "401")] * OF_ADDRESS.free + [("console@127.0.0.1", "anna", "429")]


@pytest.mark.parametrize(
    "body", [{}, {"user": "anna"}, {"user": "anna", "password": 1}, {"user": ["a"], "password": "x"}]
)
def test_a_body_that_is_none_is_no_try(console: Served, body: dict[str, object]) -> None:
    for _ in range(OF_ADDRESS.free + 1):
        answer = httpx.post(f"{console.url}/console/login", json=body, timeout=30)
        assert code(answer) == (400, "R_002")


def test_a_form_of_another_site_can_t_even_be_sent(console: Served) -> None:
    answer = httpx.post(f"{console.url}/console/login", data={"user": "anna", "password": PASSWORD}, timeout=30)
    assert code(answer) == (415, "R_008")
