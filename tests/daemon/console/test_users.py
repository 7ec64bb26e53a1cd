"""Who may log in."""

from pathlib import Path

import pytest

from daemon.console.passwords import PasswordHasher
from daemon.console.roles import PERMISSIONS, Role
from daemon.console.users import MOST_USERS, UserBook
from daemon.errors import ConsoleError, NameTaken, NoSuchUser, PasswordRefused
from daemon.keys import Permission
from tests.daemon.console.sealed import document

PASSWORD = "walnut harbour tricycle"


@pytest.fixture
def users(tmp_path: Path) -> UserBook:
    return UserBook(document=document(tmp_path), hasher=PasswordHasher(log_cost=2), clock=lambda: 1000.0)


def test_a_user_is_found_by_name_and_password(users: UserBook) -> None:
    made = users.add("Anna.B", role=Role.ADMINISTRATOR, password=PASSWORD)
    assert (made.name, made.created) == ("anna.b", 1000.0)
    assert users.matches("ANNA.B", PASSWORD) == made
    assert users.matches("anna.b", PASSWORD + "!") is None
    assert users.matches("nobody", PASSWORD) is None


def test_the_first_is_the_first(users: UserBook) -> None:
    users.add("anna", role=Role.ADMINISTRATOR, password=PASSWORD, first=True)
    with pytest.raises(NameTaken, match="log in"):
        users.add("mallory", role=Role.ADMINISTRATOR, password=PASSWORD, first=True)


@pytest.mark.parametrize("name", ["", " ", "a b", "-x", "ä", "a" * 65, "a\n", "a/b", "<script>"])
def test_what_is_no_name_is_refused(users: UserBook, name: str) -> None:
    with pytest.raises(ConsoleError, match="expected 1 to 64"):
        users.add(name, role=Role.VIEWER, password=PASSWORD)


def test_a_name_is_taken_once_in_any_case(users: UserBook) -> None:
    users.add("anna", role=Role.ADMINISTRATOR, password=PASSWORD)
    with pytest.raises(NameTaken):
        users.add("ANNA", role=Role.VIEWER, password=PASSWORD)


def test_password_and_role_begin_a_new_generation(users: UserBook) -> None:
    first = users.add("anna", role=Role.ADMINISTRATOR, password=PASSWORD)
    users.logged_in("anna")
    seen = users.find("anna")
    assert seen is not None
    assert (seen.generation, seen.last_login) == (first.generation, 1000.0)
    second = users.change("anna", password="five other words of mine")
    third = users.change("anna", role=Role.ADMINISTRATOR)
    assert len({first.generation, second.generation, third.generation}) == 3
    with pytest.raises(PasswordRefused):
        users.change("anna", password="short")


def test_somebody_can_always_administer(users: UserBook) -> None:
    users.add("anna", role=Role.ADMINISTRATOR, password=PASSWORD)
    users.add("bert", role=Role.VIEWER, password=PASSWORD)
    for attempt in (lambda: users.remove("anna"), lambda: users.change("anna", role=Role.OPERATOR)):
        with pytest.raises(ConsoleError, match="last administrator"):
            attempt()
    users.remove("bert")
    with pytest.raises(ConsoleError, match="last administrator"):
        users.remove("anna")
    users.remove("anna", last_too=True)
    assert users.all() == ()


def test_a_change_that_is_refused_changes_nothing(users: UserBook) -> None:
    before = users.add("anna", role=Role.ADMINISTRATOR, password=PASSWORD)
    with pytest.raises(ConsoleError, match="last administrator"):
        users.change("anna", role=Role.VIEWER, password="five other words of mine")
    with pytest.raises(PasswordRefused):
        users.change("anna", role=Role.ADMINISTRATOR, password="short")
    assert users.find("anna") == before


def test_who_is_not_there_is_told(users: UserBook) -> None:
    users.add("anna", role=Role.ADMINISTRATOR, password=PASSWORD)
    for attempt in (
        lambda: users.remove("bert"),
        lambda: users.change("bert", role=Role.VIEWER),
        lambda: users.change("bert", password=PASSWORD),
    ):
        with pytest.raises(NoSuchUser, match="bert"):
            attempt()


def test_there_is_an_end_of_users(users: UserBook) -> None:
    for number in range(MOST_USERS):
        users.add(f"user{number}", role=Role.ADMINISTRATOR, password=PASSWORD)
    with pytest.raises(ConsoleError, match="no room"):
        users.add("anna", role=Role.VIEWER, password=PASSWORD)


def test_each_role_may_what_the_one_below_may() -> None:
    viewer, operator, administrator = (PERMISSIONS[role] for role in Role)
    assert viewer < operator < administrator == frozenset(Permission)


def test_whoever_the_command_line_made_logs_in_where_nobody_administers(users: UserBook) -> None:
    users.add("vera", role=Role.VIEWER, password=PASSWORD)
    users.logged_in("vera")
    assert users.all()[0].last_login == 1000.0
    users.change("vera", role=Role.OPERATOR)
    users.remove("vera")
    assert users.all() == ()
