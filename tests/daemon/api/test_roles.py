"""Every call of the API and every role: what is allowed, and what is refused before anything is looked at."""

from collections.abc import Iterator

import httpx
import pytest

from daemon.console.roles import Role
from daemon.vision.recogniser import Recogniser
from tests.daemon.api.logins import add_user, logged_in
from tests.daemon.api.rig import LONG, Served, serving

VIEWER = {
    "getSession", "logOut", "changePassword", "getStatus", "getConfiguration", "getPublicKey", "getDoor",
    "getWantedPin", "listEvents", "exportEvents", "streamEvents", "getEventPicture", "getDay", "watchLive",
    "listPersons", "getPerson", "getPersonAccess", "getMetrics",
}  # fmt: skip
OPERATOR = {*VIEWER, "commandDoor", "enterPin", "createPerson", "replacePerson", "enrolAtCamera", "setPersonState"}
ADMINISTRATOR = {
    *OPERATOR, "identify", "verify", "compare", "deletePerson", "setPersonAccess", "setCard", "takeCard", "setPin",
    "takePin", "listUsers", "createUser", "changeUser", "removeUser", "getSettings", "changeSettings", "restart",
    "listKeys", "createKey", "revokeKey", "listBackups", "makeBackup", "downloadBackup", "removeBackup", "getAudit",
    "getLogs", "setLogLevel",
}  # fmt: skip
ALLOWED = {Role.VIEWER: VIEWER, Role.OPERATOR: OPERATOR, Role.ADMINISTRATOR: ADMINISTRATOR}
# One goes on until the client leaves; the other two would end the session that the rest is asked with.
NOT_CALLED = {"streamEvents", "watchLive", "logOut", "changePassword"}


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory, recogniser: Recogniser) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("roles"), recogniser) as served:
        for role in Role:
            add_user(served, role.value, role)
        yield served


@pytest.fixture(scope="module")
def operations(staffed: Served) -> dict[str, tuple[str, str]]:
    """Method and a path of every call that is not for anybody."""
    paths = httpx.get(f"{staffed.url}/openapi.json", timeout=LONG).json()["paths"]
    return {
        one["operationId"]: (method.upper(), path.replace("{person_id}", "nobody").replace("{", "").replace("}", ""))
        for path, methods in paths.items()
        for method, one in methods.items()
        if one.get("security") != []
    }


def test_the_table_names_every_call(operations: dict[str, tuple[str, str]]) -> None:
    assert set(operations) == ADMINISTRATOR - {"getSession"}


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_do_what_the_table_says(staffed: Served, operations: dict[str, tuple[str, str]], role: Role) -> None:
    with logged_in(staffed, role.value) as client:
        for operation in sorted(set(operations) - NOT_CALLED):
            method, path = operations[operation]
            # Without a body: a call that is allowed gets no further than asking for one.
            answer = client.request(method, path)
            refused = answer.status_code == 403
            assert refused == (operation not in ALLOWED[role]), (operation, answer.status_code, answer.text)
            if refused:
                assert answer.json()["code"] == "A_003"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_who_may_not_look_learns_nothing_of_what_there_is(staffed: Served, role: Role) -> None:
    with logged_in(staffed, role.value) as client:
        for there, absent in (
            (f"/console/users/{Role.VIEWER.value}", "/console/users/nobody"),
            ("/device/keys/everything", "/device/keys/nothing"),
            ("/device/backups/people-20260101T000000Z.backup", "/device/backups/x"),
        ):
            first, second = client.delete(there), client.delete(absent)
            assert (first.status_code, first.json()) == (second.status_code, second.json()) == (403, first.json())


def test_without_a_session_every_call_is_refused_alike(staffed: Served, operations: dict[str, tuple[str, str]]) -> None:
    with httpx.Client(base_url=staffed.url, timeout=LONG) as client:
        for operation, (method, path) in operations.items():
            answer = client.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (401, "A_001"), operation
