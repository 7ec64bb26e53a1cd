"""Sessions: how long they hold, and what ends them."""

from pathlib import Path

import pytest

from daemon.console.passwords import PasswordHasher
from daemon.console.roles import Role
from daemon.console.sessions import SESSIONS_OF_ONE, Limits, SessionBook, csrf_token, right_csrf_token
from daemon.console.users import User, UserBook
from tests.daemon.console.sealed import document

PASSWORD = "walnut harbour tricycle"
IDLE, LONGEST = 3600.0, 12 * 3600.0


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def users(tmp_path: Path) -> UserBook:
    users = UserBook(document=document(tmp_path, "users"), hasher=PasswordHasher(log_cost=2))
    users.add("anna", role=Role.ADMINISTRATOR, password=PASSWORD)
    return users


@pytest.fixture
def anna(users: UserBook) -> User:
    (anna,) = users.all()
    return anna


@pytest.fixture
def sessions(tmp_path: Path, users: UserBook, clock: Clock) -> SessionBook:
    return SessionBook(document=document(tmp_path, "sessions"), users=users, limits=Limits(IDLE, LONGEST), clock=clock)


def test_a_session_that_is_used_holds_until_its_end(sessions: SessionBook, anna: User, clock: Clock) -> None:
    token, session = sessions.open(anna)
    assert (session.user, session.role, session.expires) == ("anna", Role.ADMINISTRATOR, clock.now + IDLE)
    begun = clock.now
    while clock.now + IDLE < begun + LONGEST:
        clock.now += IDLE
        assert sessions.find(token) is not None
    clock.now = begun + LONGEST + 1
    assert sessions.find(token) is None


def test_one_that_is_not_used_ends(sessions: SessionBook, anna: User, clock: Clock) -> None:
    token, _ = sessions.open(anna)
    clock.now += IDLE / 2
    assert sessions.find(token, touch=False) is not None
    clock.now += IDLE / 2 + 1
    assert sessions.find(token) is None


def test_its_use_is_known_after_a_restart(
    sessions: SessionBook, anna: User, clock: Clock, tmp_path: Path, users: UserBook
) -> None:
    token, _ = sessions.open(anna)
    clock.now += IDLE - 1
    assert sessions.find(token) is not None
    clock.now += IDLE - 1
    again = SessionBook(document=document(tmp_path, "sessions"), users=users, limits=Limits(IDLE, LONGEST), clock=clock)
    assert again.find(token) is not None


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 44, "ä" * 43])
def test_no_other_token_opens_anything(sessions: SessionBook, anna: User, token: str) -> None:
    sessions.open(anna)
    assert sessions.find(token) is None


def test_what_ends_them(sessions: SessionBook, users: UserBook, anna: User) -> None:
    token, _ = sessions.open(anna)
    sessions.close(token)
    assert sessions.find(token) is None
    token, _ = sessions.open(anna)
    changed = users.change("anna", password="five other words of mine")
    assert sessions.find(token) is None
    token, _ = sessions.open(changed)
    users.remove("anna", last_too=True)
    assert sessions.find(token) is None
    users.add("anna", role=Role.VIEWER, password=PASSWORD)
    assert sessions.find(token) is None


def test_of_one_user_the_oldest_gives_way(sessions: SessionBook, users: UserBook, anna: User, clock: Clock) -> None:
    bert = users.add("bert", role=Role.VIEWER, password=PASSWORD)
    other, _ = sessions.open(bert)
    tokens = []
    for _ in range(SESSIONS_OF_ONE + 2):
        clock.now += 1
        tokens.append(sessions.open(anna)[0])
    assert [sessions.find(token) is not None for token in tokens] == [False] * 2 + [True] * SESSIONS_OF_ONE
    assert sessions.find(other) is not None


def test_what_is_over_is_swept_away(sessions: SessionBook, anna: User, clock: Clock, tmp_path: Path) -> None:
    for _ in range(3):
        sessions.open(anna)
    clock.now += LONGEST + 1
    sessions.open(anna)
    assert len(document(tmp_path, "sessions").read()) == 1


def test_each_session_has_a_token_of_its_own_against_forgery(sessions: SessionBook, anna: User) -> None:
    first, second = sessions.open(anna)[0], sessions.open(anna)[0]
    assert right_csrf_token(first, csrf_token(first))
    assert not right_csrf_token(first, csrf_token(second))
    assert not right_csrf_token(first, "")
    assert first not in csrf_token(first)
