"""Browsers for the tests: who is logged in to the console of a served terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from daemon.console.access import ConsoleAccess, open_console_access
from daemon.console.passwords import PasswordHasher
from daemon.console.roles import Role
from daemon.console.users import UserBook
from tests.daemon.api.rig import LONG, Served

PASSWORD = "walnut harbour tricycle"
SECOND = "lantern copper meadow"


def access_of(served: Served) -> ConsoleAccess:
    """The terminal's users and sessions, as another process would open them."""
    return open_console_access(served.terminal.settings)


def add_user(served: Served, name: str, role: Role = Role.ADMINISTRATOR, *, password: str = PASSWORD) -> None:
    """Hashed as cheaply as can be: what it takes is no part of these tests, and stands in the hash."""
    document = access_of(served).users._document
    UserBook(document=document, hasher=PasswordHasher(log_cost=4)).add(name, role=role, password=password)


def browser(served: Served, token: str = "") -> httpx.Client:
    """Nobody yet, or whoever has that session's token."""
    return httpx.Client(base_url=served.url, cookies={"auther_session": token} if token else None, timeout=LONG)


def log_in(served: Served, user: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
    """The answer to one try."""
    with browser(served) as client:
        return client.post("/console/login", json={"user": user, "password": password}, headers=headers)


def seen_with(served: Served, token: str) -> httpx.Response:
    """What somebody with that token is answered."""
    with browser(served, token) as client:
        return client.get("/device/status")


@contextmanager
def logged_in(served: Served, name: str, *, password: str = PASSWORD) -> Iterator[httpx.Client]:
    """That user's browser, which sends the CSRF token as the pages do."""
    with browser(served) as client:
        answer = client.post("/console/login", json={"user": name, "password": password})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrfToken"]
        yield client
