"""The console's login: set-up, cookies, tokens, ends of sessions."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from daemon.console.roles import Role
from daemon.vision.recogniser import Recogniser
from tests.daemon.api.logins import PASSWORD, SECOND, access_of, add_user, browser, log_in, logged_in, seen_with
from tests.daemon.api.rig import LONG, Served, serving


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["code"])


@pytest.fixture
def console(tmp_path: Path, recogniser: Recogniser) -> Iterator[Served]:
    """A terminal of its own with one administrator: failed logins of one test must not make another wait."""
    with serving(tmp_path, recogniser) as served:
        add_user(served, "anna")
        yield served


def test_the_first_administrator_shows_the_code_of_the_terminal(
    tmp_path: Path, recogniser: Recogniser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("WARNING"), serving(tmp_path, recogniser) as served, browser(served) as client:
        blank = client.get("/console/session").json()
        assert (blank["setupNeeded"], blank["user"], blank["device"]) == (True, None, "terminal")
        shown = access_of(served).setup.code()
        assert shown in caplog.text
        first = {"user": "anna", "password": PASSWORD}
        assert code(client.post("/console/setup", json={**first, "setupCode": "0000-0000-0000"})) == (401, "A_006")
        weak = {**first, "setupCode": shown, "password": "short"}
        assert code(client.post("/console/setup", json=weak)) == (400, "R_012")
        answer = client.post("/console/setup", json={**first, "setupCode": shown.upper().replace("-", " ")})
        assert (answer.status_code, answer.json()["role"]) == (200, "administrator")
        assert client.get("/console/session").json()["user"] == "anna"
        assert access_of(served).users.all()[0].last_login is not None
        again = {"setupCode": access_of(served).setup.code(), "user": "mallory", "password": PASSWORD}
        assert code(client.post("/console/setup", json=again)) == (409, "R_013")


def test_a_login_opens_what_the_role_allows(console: Served) -> None:
    with logged_in(console, "anna") as client:
        session = client.get("/console/session").json()
        assert (session["user"], session["role"], session["setupNeeded"]) == ("anna", "administrator", False)
        assert client.get("/device/status").status_code == 200
        assert client.post("/device/door", json={"action": "unlock"}).json() == {"accepted": "unlock"}
    line = json.loads(console.audit.lines(limit=1)[0])
    assert (line["who"], line["what"], line["whom"], line["result"]) == ("console:anna", "door", "unlock", "200")


def test_the_cookie_is_for_this_site_s_requests_only(console: Served) -> None:
    answer = log_in(console, "anna")
    cookie = answer.headers["Set-Cookie"]
    assert re.fullmatch(r"auther_session=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Strict", cookie)
    assert "no-store" in answer.headers["Cache-Control"]


def test_over_tls_the_cookie_is_secure(tmp_path: Path, recogniser: Recogniser) -> None:
    with serving(tmp_path, recogniser, tls=True) as served:
        add_user(served, "anna")
        url = served.url.replace("http:", "https:")
        answer = httpx.post(
            f"{url}/console/login", json={"user": "anna", "password": PASSWORD}, verify=False, timeout=30
        )
        assert answer.headers["Set-Cookie"].endswith("; Path=/; HttpOnly; SameSite=Strict; Secure")


def test_a_change_needs_the_token_of_the_session(console: Served) -> None:
    with logged_in(console, "anna") as client, logged_in(console, "anna") as other:
        for wrong in ("", "x", "0" * 64, other.headers["X-CSRF-Token"], "ä"):
            answer = client.post("/device/door", json={"action": "lock"}, headers={"X-CSRF-Token": wrong.encode()})
            assert code(answer) == (403, "A_005"), wrong
        assert client.post("/device/door", json={"action": "lock"}).status_code == 200
        del client.headers["X-CSRF-Token"]
        assert code(client.post("/console/logout")) == (403, "A_005")
        assert client.get("/device/door").status_code == 200
    assert console.terminal.door.asked == [("lock", None)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_another_site_s_page_changes_nothing_and_logs_nobody_in(console: Served, headers: dict[str, str]) -> None:
    with logged_in(console, "anna") as client:
        assert code(client.post("/device/door", json={"action": "lock"}, headers=headers)) == (403, "A_005")
        assert code(client.post("/console/logout", headers=headers)) == (403, "A_005")
    assert code(log_in(console, "anna", **headers)) == (403, "A_005")


def test_this_site_s_page_is_let_through(console: Served) -> None:
    host = httpx.URL(console.url).netloc.decode()
    with logged_in(console, "anna") as client:
        for headers in ({"Origin": f"http://{host}"}, {"Sec-Fetch-Site": "same-origin"}):
            assert client.post("/device/door", json={"action": "lock"}, headers=headers).status_code == 200


def test_a_key_is_no_browser_s_and_needs_no_token(console: Served) -> None:
    with logged_in(console, "anna") as client, console.client() as program:
        cookie = {"Cookie": f"auther_session={client.cookies['auther_session']}"}
        assert program.post("/device/door", json={"action": "lock"}, headers=cookie).status_code == 200
        wrong = {"Api-Key": "wrong", "X-CSRF-Token": client.headers["X-CSRF-Token"]}
        assert code(client.post("/device/door", json={"action": "lock"}, headers=wrong)) == (401, "A_002")


def test_a_session_that_was_prepared_is_not_taken_over(console: Served) -> None:
    prepared = "A" * 43
    with browser(console, prepared) as client:
        first = client.post("/console/login", json={"user": "anna", "password": PASSWORD})
    assert code(seen_with(console, prepared)) == (401, "A_004")
    token = re.findall("auther_session=([^;]+)", first.headers["Set-Cookie"])[0]
    assert seen_with(console, token).status_code == 200
    with browser(console, token) as client:
        client.post("/console/login", json={"user": "anna", "password": PASSWORD})
    assert code(seen_with(console, token)) == (401, "A_004")


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 5000, "%00", "../../etc/passwd", "' OR 1=1 --"])
def test_what_is_no_session_opens_nothing(console: Served, token: str) -> None:
    for path in ("/device/status", "/console/session"):
        answer = httpx.get(f"{console.url}{path}", headers={"Cookie": f"auther_session={token}"})
        assert code(answer) == (401, "A_004")


def test_logging_out_ends_the_session_for_good(console: Served) -> None:
    with logged_in(console, "anna") as client:
        token = client.cookies["auther_session"]
        answer = client.post("/console/logout")
        assert answer.json() == {"loggedOut": True}
        assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert code(seen_with(console, token)) == (401, "A_004")


def test_a_key_can_t_log_out_nor_change_a_password(console: Served) -> None:
    with console.client() as program:
        assert code(program.post("/console/logout")) == (403, "A_003")
        change = {"old": PASSWORD, "new": SECOND}
        assert code(program.post("/console/password", json=change)) == (403, "A_003")


def test_a_new_password_ends_every_session_but_goes_on_as_a_new_one(console: Served) -> None:
    with logged_in(console, "anna") as client, logged_in(console, "anna") as thief:
        old = client.cookies["auther_session"]
        assert code(client.post("/console/password", json={"old": "wrong", "new": SECOND})) == (401, "A_006")
        assert code(client.post("/console/password", json={"old": PASSWORD, "new": "1" * 20})) == (400, "R_012")
        assert client.post("/console/password", json={"old": PASSWORD, "new": SECOND}).status_code == 200
        assert client.get("/device/status").status_code == 200
        assert client.cookies["auther_session"] != old
        assert code(thief.get("/device/status")) == (401, "A_004")
    assert code(log_in(console, "anna")) == (401, "A_006")
    assert log_in(console, "anna", SECOND).status_code == 200


def test_who_is_removed_or_changed_at_the_terminal_is_out_at_once(console: Served) -> None:
    add_user(console, "bert", Role.OPERATOR)
    users = access_of(console).users
    with logged_in(console, "bert") as client:
        users.change("bert", role=Role.VIEWER)
        assert code(client.get("/device/status")) == (401, "A_004")
    with logged_in(console, "bert") as client:
        users.remove("bert")
        assert code(client.get("/device/status")) == (401, "A_004")


def test_a_stream_ends_with_its_session(console: Served) -> None:
    with (
        logged_in(console, "anna") as client,
        logged_in(console, "anna") as other,
        client.stream("GET", "/device/events/stream") as answer,
    ):
        chunks = answer.iter_text()
        assert "listening" in next(chunks)
        assert other.post("/console/password", json={"old": PASSWORD, "new": SECOND}).status_code == 200
        begun = time.monotonic()
        console.terminal.feed.tell({"kind": "access"})
        for _ in chunks:
            assert time.monotonic() - begun < LONG
            console.terminal.feed.tell({"kind": "access"})


def test_sessions_survive_a_restart(tmp_path: Path, recogniser: Recogniser) -> None:
    with serving(tmp_path, recogniser) as served:
        add_user(served, "anna")
        with logged_in(served, "anna") as client:
            token = client.cookies["auther_session"]
    with serving(tmp_path, recogniser) as served, browser(served, token) as client:
        session = client.get("/console/session").json()
        assert (session["user"], len(session["csrfToken"])) == ("anna", 64)


def test_nothing_on_disk_opens_anything(console: Served) -> None:
    with logged_in(console, "anna") as client:
        secrets = (client.cookies["auther_session"], PASSWORD, "anna", client.headers["X-CSRF-Token"])
    content = b"".join(path.read_bytes() for path in console.folder.glob("console*"))
    for secret in secrets:
        assert secret.encode() not in content
    assert all(path.stat().st_mode & 0o077 == 0 for path in console.folder.glob("console*"))


def test_a_change_of_a_user_that_is_refused_is_not_half_done(console: Served) -> None:
    with logged_in(console, "anna") as anna:
        answer = anna.put("/console/users/anna", json={"role": "viewer", "password": SECOND})
        assert code(answer) == (400, "R_002")
        assert anna.get("/console/session").json()["role"] == "administrator"
    assert log_in(console, "anna").status_code == 200
