"""The contract in daemon/mqtt/asyncapi.json against what the code really produces and accepts."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

import daemon
from daemon.config.settings import CommandName
from daemon.events import messages
from daemon.events.messages import DoorState
from daemon.events.outbox import Outbox
from daemon.mqtt.command_bus import CommandBus
from daemon.mqtt.commands import ACTIONS, CommandGate, Memory, Refusal
from daemon.mqtt.link import Incoming
from daemon.sharing.messages import MAX_PAYLOAD_BYTES, SiteCodec
from daemon.sharing.site_key import SiteKey
from daemon.sharing.versions import Version
from daemon.timestamps import to_iso
from daemon.types import AccessEvent, Reason

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed (development group)")

assert daemon.__file__ is not None
CONTRACT = json.loads((Path(daemon.__file__).parent / "mqtt" / "asyncapi.json").read_text(encoding="utf-8"))
SCHEMAS = CONTRACT["components"]["schemas"]
NOW = 1_600_000_000.0


def check(schema: str, value: object) -> None:
    jsonschema.Draft7Validator({**CONTRACT, "$ref": f"#/components/schemas/{schema}"}).validate(value)


def refused(schema: str, value: object) -> bool:
    validator = jsonschema.Draft7Validator({**CONTRACT, "$ref": f"#/components/schemas/{schema}"})
    return not validator.is_valid(value)


def references(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolve(reference: str) -> Any:
    node = CONTRACT
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(path=tmp_path / "events.db", device_id="door1", limit=10, max_age_seconds=1e6)
    yield outbox
    outbox.close()


def test_the_document_holds_together() -> None:
    assert CONTRACT["asyncapi"] == "3.0.0"
    for reference in references(CONTRACT):
        resolve(reference)
    told = {resolve(operation["channel"]["$ref"])["address"] for operation in CONTRACT["operations"].values()}
    assert told == {channel["address"] for channel in CONTRACT["channels"].values()}
    for schema in SCHEMAS.values():
        jsonschema.Draft7Validator.check_schema(schema)


def test_its_words_are_those_of_the_code() -> None:
    assert set(SCHEMAS["Access"]["properties"]["reason"]["enum"]) == {reason.value for reason in Reason}
    reasons = {"done", "failed", *(refusal.value for refusal in Refusal)}
    assert set(SCHEMAS["Result"]["properties"]["reason"]["enum"]) == reasons
    assert tuple(SCHEMAS["Alarm"]["properties"]["alarm"]["enum"]) == messages.ALARMS
    assert SCHEMAS["SchemaVersion"]["const"] == messages.SCHEMA
    addresses = {channel["address"] for channel in CONTRACT["channels"].values()}
    assert {f"{{base}}/{{device}}/command/{name}" for name in ACTIONS} < addresses
    assert set(ACTIONS) == set(get_args(CommandName))


@pytest.mark.parametrize(
    "event",
    [
        AccessEvent("granted", Reason.GRANTED, NOW, 7, "ada", 97.1, 0.98, 212.3),
        AccessEvent("denied", Reason.UNKNOWN, NOW, 8, None, 12.0, 0.98, None),
        AccessEvent("denied", Reason.SPOOF, NOW, 8, None, None, None, None),
    ],
)
def test_decisions_keep_to_it(outbox: Outbox, event: AccessEvent) -> None:
    stored = outbox.append("access", messages.access_payload(event))
    check("Access", json.loads(messages.wire(stored, published=NOW)))


def test_alarms_keep_to_it(outbox: Outbox) -> None:
    for alarm in messages.ALARMS:
        stored = outbox.append("alarm", messages.alarm_payload(alarm, at=NOW))
        check("Alarm", json.loads(messages.wire(stored, published=NOW)))
    for _ in range(10):
        outbox.append("access", {})
    lost = next(event for event in outbox.pending(100) if "lost" in event.payload)
    check("Alarm", json.loads(messages.wire(lost, published=NOW)))


def test_states_keep_to_it() -> None:
    for is_open in (True, False, None):
        state = DoorState(locked=True, lockdown=False, open=is_open, changed=NOW)
        check("Door", json.loads(messages.plain(messages.door_payload(state, device_id="door1"))))
    health = messages.health_payload({"uptime_seconds": 1}, device_id="door1", at=NOW, unconfirmed=0, lost=0)
    check("Health", json.loads(messages.plain(health)))
    for word in (messages.ONLINE, messages.OFFLINE):
        check("Status", word.decode())


class NoMemory:
    def remember(self, _id: str, *, now: float, until: float) -> Memory:
        assert now <= until
        return Memory.NEW


class Willing:
    """A fake that does nothing and says so."""

    def unlock(self, seconds: int | None) -> None: ...

    def lock(self) -> None: ...

    def lockdown(self, *, on: bool) -> None: ...

    def enrol(self, person_id: str, seconds: int) -> None: ...

    def reload(self) -> None: ...

    def health(self) -> Mapping[str, object]:
        return {"uptime_seconds": 1}


def answer(topic: str, payload: object) -> dict[str, Any]:
    gate = CommandGate(device_id="door1", allowed=tuple(ACTIONS), key=None, window_seconds=30, seen=NoMemory())
    bus = CommandBus(
        gate=gate, handler=Willing(), device_id="door1", prefix="auther/door1", clock=lambda: NOW, monotonic=lambda: 0.0
    )
    message = Incoming(f"auther/door1/{topic}", json.dumps(payload).encode(), False, None, None, 0.0)
    result = bus.handle(message)
    assert result is not None
    value = json.loads(result.payload)
    assert isinstance(value, dict)
    check("Result", value)
    return value


CASES = [
    ("unlock", "Unlock", {}, True),
    ("unlock", "Unlock", {"arguments": {"seconds": 5}}, True),
    ("unlock", "Unlock", {"arguments": {"seconds": 0}}, False),
    ("unlock", "Unlock", {"arguments": {"minutes": 5}}, False),
    ("lock", "Lock", {}, True),
    ("lock", "Lock", {"more": 1}, False),
    ("lock", "Lock", {"id": "short"}, False),
    ("lockdown", "Lockdown", {"arguments": {"on": True}}, True),
    ("lockdown", "Lockdown", {"arguments": {"on": "yes"}}, False),
    ("lockdown", "Lockdown", {}, False),
    ("enrol", "Enrol", {"arguments": {"person_id": "ada", "seconds": 30}}, True),
    ("enrol", "Enrol", {"arguments": {"person_id": "a/b"}}, False),
    ("reload", "Reload", {}, True),
    ("health", "HealthRequest", {}, True),
]


@pytest.mark.parametrize(("name", "schema", "fields", "good"), CASES)
def test_the_gate_and_the_document_agree_on_commands(
    name: str, schema: str, fields: dict[str, object], good: bool
) -> None:
    command = {"id": "command-1", "time": to_iso(NOW), **fields}
    assert refused(schema, command) is not good
    assert answer(f"command/{name}", command)["ok"] is good
    named = {"name": name, **command}
    assert refused("NamedCommand", named) is not good
    assert answer("command", named)["ok"] is good


def test_shared_people_travel_as_it_says() -> None:
    site = SiteKey(key=bytes(32))
    codec, person = SiteCodec(site=site, base_topic="auther"), site.person_hash("ada")
    pattern = CONTRACT["channels"]["site_person"]["address"]
    name = person.hex()
    address = pattern.format(base="auther", site=site.site_id, branch=name[:2], rest=name[2:])
    assert codec.topic(person) == address
    marker = CONTRACT["channels"]["site_sync"]["address"]
    assert codec.marker_topic("door1") == marker.format(base="auther", site=site.site_id, device="door1")
    version = Version(1_600_000_000_000, 7, "door1", b"12345678")
    payload = codec.seal(person, version, b"")
    packed = (1_600_000_000_000).to_bytes(8, "big") + (7).to_bytes(4, "big") + b"12345678" + b"\5door1"
    assert payload[:3] == bytes([1, 0, len(packed)])
    assert payload[3:-28] == packed
    assert SCHEMAS["SharedPerson"]["maxLength"] == MAX_PAYLOAD_BYTES
