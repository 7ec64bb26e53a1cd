"""Who may call what: keys, permissions, revocation, and what stands in the audit trail of it."""

import hmac
import json

import httpx
import pytest

from daemon.keys import Permission, with_implied
from tests.daemon.api.rig import LONG, Served

# What each call needs, by one call of each permission.
PATHS = {
    Permission.IDENTIFY: ("POST", "/identify"),
    Permission.VERIFY: ("POST", "/verify/anna"),
    Permission.COMPARE: ("POST", "/compare"),
    Permission.PERSONS: ("DELETE", "/person/anna"),
    Permission.LOOKUP: ("GET", "/person/anna"),
    Permission.ENROL: ("POST", "/device/enrol"),
    Permission.VIEW: ("GET", "/device/status"),
    Permission.DOOR: ("POST", "/device/door"),
    Permission.USERS: ("GET", "/console/users"),
    Permission.SCREEN: ("GET", "/screen/view"),
}


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json().get("code"))


@pytest.mark.parametrize(("method", "path"), PATHS.values())
def test_no_key_and_a_wrong_key_open_nothing(served: Served, method: str, path: str) -> None:
    with httpx.Client(base_url=served.url, timeout=LONG) as client:
        assert code(client.request(method, path)) == (401, "A_001")
        for wrong in ("x", "0" * 16 + "." + "A" * 43, "A" * 9000):
            assert code(client.request(method, path, headers={"Api-Key": wrong})) == (401, "A_002")


def test_a_right_id_with_a_wrong_secret_is_unknown(served: Served) -> None:
    made = served.keys.create("almost", [Permission.DEVICE])
    wrong = made.value[:-1] + ("A" if made.value[-1] != "A" else "B")
    assert code(httpx.get(f"{served.url}/device/status", headers={"Api-Key": wrong})) == (401, "A_002")


@pytest.mark.parametrize("permission", list(Permission))
def test_a_key_may_do_what_it_was_made_for_and_nothing_else(served: Served, permission: Permission) -> None:
    with served.client(permission) as client:
        for needed, (method, path) in PATHS.items():
            answer = client.request(method, path)
            if needed in with_implied([permission]):
                assert answer.status_code in {200, 404, 415}
            else:
                assert code(answer) == (403, "A_003")


def test_keys_of_before_may_what_they_could() -> None:
    assert with_implied([Permission.DEVICE]) == {Permission.DEVICE, Permission.VIEW, Permission.DOOR}
    assert with_implied([Permission.PERSONS]) == {Permission.PERSONS, Permission.LOOKUP, Permission.ENROL}


def test_a_revoked_key_opens_nothing_from_then_on(served: Served) -> None:
    with served.client(Permission.DEVICE, name="short-lived") as client:
        assert client.get("/device/status").status_code == 200
        served.keys.revoke("short-lived")
        assert code(client.get("/device/status")) == (401, "A_002")


def test_a_key_may_come_as_a_bearer_token(served: Served) -> None:
    value = served.keys.create("prometheus", [Permission.DEVICE]).value
    answer = httpx.get(f"{served.url}/metrics", headers={"Authorization": f"Bearer {value}"})
    assert answer.status_code == 200
    assert "auther_people" in answer.text


def test_the_last_use_is_noted(served: Served) -> None:
    with served.client(Permission.DEVICE, name="used") as client:
        client.get("/device/status")
    assert next(key for key in served.keys.all() if key.name == "used").used is not None


def test_keys_are_compared_in_constant_time_known_or_not(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    compare = hmac.compare_digest
    monkeypatch.setattr("hmac.compare_digest", lambda one, two: (compared.append(len(one)), compare(one, two))[1])
    made = served.keys.create("timed", [Permission.DEVICE])
    for value in (made.value, made.value[:-1] + "!", made.value[:-1] + "x", "0" * 16 + "." + "A" * 43, "nothing"):
        served.keys.find(value)
    assert compared == [32] * 5


def test_no_value_is_stored(served: Served) -> None:
    made = served.keys.create("secretive", [Permission.DEVICE], algorithm=None)
    content = b"".join(path.read_bytes() for path in served.folder.glob("keys.db*"))
    assert made.value.encode() not in content
    assert made.value.partition(".")[2].encode() not in content


def test_who_did_what_stands_in_the_audit_trail(served: Served) -> None:
    with served.client(Permission.PERSONS, name="auditor's friend"[:7]) as client:
        answer = client.get("/person/some.body")
        client.get("/person/%0Aadmin%22", headers={"Request-Id": "mine-1"})
        client.post("/identify")
    lines = [json.loads(line) for line in served.audit.lines(limit=3)]
    assert [(line["who"], line["what"], line["whom"], line["result"]) for line in lines] == [
        ("auditor", "look up", "some.body", "404"),
        ("auditor", "look up", '\nadmin"', "400"),
        ("auditor", "identify", None, "403"),
    ]
    assert lines[0]["request_id"] == answer.headers["Request-Id"]
    assert lines[1]["request_id"] == "mine-1"
    served.audit.verify()


def test_every_call_but_health_and_documentation_needs_a_key(served: Served, client: httpx.Client) -> None:
    open_paths = {
        path
        for path, methods in client.get("/openapi.json").json()["paths"].items()
        if any(operation.get("security") == [] for operation in methods.values())
    }
    console = {"/console/session", "/console/setup", "/console/login"}
    assert open_paths == {"/health/live", "/health/ready", "/openapi.json", "/docs", "/docs.css", "/docs.js", *console}
