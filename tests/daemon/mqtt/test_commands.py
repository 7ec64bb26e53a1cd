import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.errors import StoreError
from daemon.mqtt.commands import (
    Command,
    CommandGate,
    Enrol,
    Envelope,
    Health,
    Lock,
    Lockdown,
    Memory,
    Refusal,
    Refused,
    Request,
    Unlock,
    sign,
    signed_text,
)
from daemon.timestamps import to_iso

NOW = 1_600_000_000.0
KEY = b"k" * 32
ALL = ("unlock", "lock", "lockdown", "enrol", "reload", "health")


class Seen:
    """A memory without a disk."""

    def __init__(self, answer: Memory | StoreError | None = None) -> None:
        self.ids: set[str] = set()
        self._answer = answer

    def remember(self, command_id: str, *, now: float, until: float) -> Memory:
        assert now <= until
        if isinstance(self._answer, StoreError):
            raise self._answer
        if self._answer is not None:
            return self._answer
        known = command_id in self.ids
        self.ids.add(command_id)
        return Memory.KNOWN if known else Memory.NEW


def gate(*, allowed: tuple[str, ...] = ALL, key: bytes | None = None, seen: Seen | None = None) -> CommandGate:
    return CommandGate(device_id="door1", allowed=allowed, key=key, window_seconds=30, seen=seen or Seen())


def envelope(*, at: float = NOW, **fields: object) -> dict[str, object]:
    return {"id": "command-1", "time": to_iso(at), **fields}


def request(
    topic: str = "lock",
    fields: Mapping[str, object] = MappingProxyType({}),
    *,
    retained: bool = False,
    expiry: int | None = None,
    waited: float = 0,
) -> Request:
    payload = json.dumps({**envelope(), **fields}).encode()
    return Request(name=topic, payload=payload, retained=retained, expiry=expiry, waited=waited)


def refusal(verdict: Command | Refused) -> Refusal:
    assert isinstance(verdict, Refused)
    return verdict.reason


@pytest.mark.parametrize(
    ("name", "arguments", "action"),
    [
        ("unlock", {}, Unlock(seconds=None)),
        ("unlock", {"seconds": 5}, Unlock(seconds=5)),
        ("lock", {}, Lock()),
        ("lockdown", {"on": True}, Lockdown(on=True)),
        ("enrol", {"person_id": "ada"}, Enrol(person_id="ada", seconds=60)),
        ("health", {}, Health()),
    ],
)
def test_a_fresh_allowed_command_is_admitted(name: str, arguments: dict[str, object], action: object) -> None:
    assert gate().admit(request(name, {"arguments": arguments}), now=NOW) == Command("command-1", name, action)  # type: ignore[arg-type]


def test_the_name_may_stand_in_the_message_instead_of_the_topic() -> None:
    assert gate().admit(request("", {"name": "lock"}), now=NOW) == Command("command-1", "lock", Lock())
    assert gate().admit(request("lock", {"name": "lock"}), now=NOW) == Command("command-1", "lock", Lock())
    assert refusal(gate().admit(request("lock", {"name": "unlock"}), now=NOW)) is Refusal.MALFORMED
    assert refusal(gate().admit(request(""), now=NOW)) is Refusal.MALFORMED


@pytest.mark.parametrize(
    ("name", "fields", "named"),
    [
        ("unlock", {"arguments": {"seconds": 0}}, "seconds"),
        ("unlock", {"arguments": {"seconds": 3601}}, "seconds"),
        ("unlock", {"arguments": {"seconds": 1.5}}, "seconds"),
        ("unlock", {"arguments": {"seconds": True}}, "seconds"),
        ("unlock", {"arguments": {"minutes": 1}}, "minutes"),
        ("lockdown", {}, "on"),
        ("enrol", {"arguments": {"person_id": "../etc"}}, "person_id"),
        ("enrol", {"arguments": {"person_id": "a\nb"}}, "person_id"),
        ("lock", {"id": "short"}, "id"),
        ("lock", {"time": "yesterday"}, "time"),
        ("lock", {"time": "2020-09-13T12:26:40"}, "time"),
        ("lock", {"more": 1}, "more"),
        ("lock", {"arguments": {"x": "y" * 5000}}, "bytes"),
    ],
)
def test_a_malformed_command_is_refused_naming_the_field(name: str, fields: dict[str, object], named: str) -> None:
    verdict = gate().admit(request(name, fields), now=NOW)
    assert refusal(verdict) is Refusal.MALFORMED
    assert isinstance(verdict, Refused)
    assert named in verdict.detail


@pytest.mark.parametrize("payload", [b"", b"UNLOCK", b"[]", b"\xff", b'{"id":', b"[" * 4000, b"null", b'{"id": NaN}'])
def test_what_is_no_json_object_is_malformed(payload: bytes) -> None:
    assert refusal(gate().admit(Request(name="unlock", payload=payload), now=NOW)) is Refusal.MALFORMED


@given(st.binary(max_size=200))
def test_no_bytes_break_the_gate(payload: bytes) -> None:
    assert isinstance(gate().admit(Request(name="unlock", payload=payload), now=NOW), Refused)


def test_an_unknown_name_lists_the_known_ones() -> None:
    verdict = gate().admit(request("open"), now=NOW)
    assert isinstance(verdict, Refused)
    assert (verdict.reason, verdict.id) == (Refusal.UNKNOWN, "command-1")
    assert "unlock" in verdict.detail


def test_a_retained_command_never_acts_and_takes_no_room() -> None:
    seen = Seen()
    assert refusal(gate(seen=seen).admit(request(retained=True), now=NOW)) is Refusal.RETAINED
    assert not seen.ids


def test_only_what_the_configuration_names_is_obeyed() -> None:
    assert refusal(gate(allowed=("health",)).admit(request("unlock"), now=NOW)) is Refusal.FORBIDDEN


def test_a_command_that_waited_out_its_expiry_is_refused() -> None:
    assert isinstance(gate().admit(request(expiry=5, waited=4.9), now=NOW), Command)
    assert refusal(gate().admit(request(expiry=5, waited=5.0), now=NOW)) is Refusal.EXPIRED
    assert refusal(gate().admit(request(expiry=0), now=NOW)) is Refusal.EXPIRED


@pytest.mark.parametrize(
    ("age", "fresh"), [(0, True), (29, True), (-29, True), (31, False), (-31, False), (1e9, False)]
)
def test_freshness_is_judged_by_the_commands_own_time(age: float, fresh: bool) -> None:
    verdict = gate().admit(request(), now=NOW + age)
    if fresh:
        assert isinstance(verdict, Command)
    else:
        assert refusal(verdict) is Refusal.STALE


def test_an_id_acts_once() -> None:
    door = gate()
    assert isinstance(door.admit(request(), now=NOW), Command)
    assert refusal(door.admit(request(), now=NOW)) is Refusal.DUPLICATE


def test_without_a_memory_nothing_acts() -> None:
    assert refusal(gate(seen=Seen(Memory.FULL)).admit(request(), now=NOW)) is Refusal.BUSY
    assert refusal(gate(seen=Seen(StoreError("disk"))).admit(request(), now=NOW)) is Refusal.UNAVAILABLE


def test_the_signed_text_is_plain_lines() -> None:
    command = Envelope(id="command-1", time="2020-09-13T12:26:40.000Z", arguments={"seconds": 5, "on": True, "a": "é"})
    assert signed_text("door1", "unlock", command).decode() == (
        "auther-command-1\ndoor1\nunlock\ncommand-1\n2020-09-13T12:26:40.000Z\na=é\non=true\nseconds=5\n"
    )


def signed(device: str = "door1", name: str = "unlock", key: bytes = KEY, **change: object) -> Request:
    fields = envelope(arguments={"seconds": 5})
    signature = sign(key, device, name, Envelope.model_validate(fields))
    return Request(name="unlock", payload=json.dumps({**fields, "signature": signature, **change}).encode())


def test_a_signed_command_is_admitted_also_in_capitals() -> None:
    assert isinstance(gate(key=KEY).admit(signed(), now=NOW), Command)
    fields = envelope(arguments={"seconds": 5})
    capitals = sign(KEY, "door1", "unlock", Envelope.model_validate(fields)).upper()
    assert isinstance(gate(key=KEY).admit(signed(signature=capitals), now=NOW), Command)


@pytest.mark.parametrize(
    "make",
    [
        lambda: signed(key=b"x" * 32),
        lambda: signed(device="door2"),
        lambda: signed(name="lock"),
        lambda: signed(id="command-2"),
        lambda: signed(time=to_iso(NOW + 1)),
        lambda: signed(arguments={"seconds": 50}),
        lambda: signed(arguments={}),
        lambda: signed(signature="é"),
    ],
)
def test_a_signature_for_anything_else_is_refused_and_takes_no_room(make: Callable[[], Request]) -> None:
    seen = Seen()
    assert refusal(gate(key=KEY, seen=seen).admit(make(), now=NOW)) is Refusal.SIGNATURE
    assert not seen.ids


def test_where_a_key_is_set_an_unsigned_command_is_refused() -> None:
    assert refusal(gate(key=KEY).admit(request(), now=NOW)) is Refusal.UNSIGNED
