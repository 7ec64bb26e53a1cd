"""The discovery message against rules taken from Home Assistant's documentation and its own validation schemas."""

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from daemon.config.settings import Mqtt
from daemon.mqtt.homeassistant import announcement

jinja2 = pytest.importorskip("jinja2", reason="jinja2 is not installed (development group)")

COMMON = {"platform", "unique_id", "name", "qos", "device_class", "entity_category", "icon"} | {
    "json_attributes_topic",
    "json_attributes_template",
}
READ = {"state_topic", "value_template"}
WRITE = READ | {"command_topic", "command_template", "retain", "optimistic"}
# platform: (what it must have, what it may have besides COMMON)
PLATFORMS = {
    "lock": (
        {"command_topic"},
        WRITE | {"payload_lock", "payload_unlock", "payload_open", "state_locked", "state_unlocked", "state_jammed"},
    ),
    "switch": ({"command_topic"}, WRITE | {"payload_on", "payload_off", "state_on", "state_off"}),
    "binary_sensor": ({"state_topic"}, READ | {"payload_on", "payload_off", "off_delay", "expire_after"}),
    "sensor": ({"state_topic"}, READ | {"unit_of_measurement", "state_class", "options", "expire_after"}),
    "event": ({"state_topic", "event_types"}, READ | {"event_types"}),
}
BINARY_CLASSES = {"door", "lock", "problem", "safety", "tamper", "opening", None}


def discovery(*, contact: bool = True, signed: bool = False, **settings: object) -> dict[str, Any]:
    message = announcement(
        Mqtt.model_validate(settings), device_id="door1", version="1.2.3", contact=contact, signed=signed
    )
    assert message.retain
    value = json.loads(message.payload)
    assert isinstance(value, dict)
    return value


def render(template: str, **values: object) -> str:
    """Home Assistant's templates are Jinja2 with a few filters and functions of its own."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    environment.filters["to_json"] = json.dumps
    environment.globals["utcnow"] = lambda: datetime(2020, 9, 3, 16, 5, 8, 938123, tzinfo=timezone.utc)
    return str(environment.from_string(template).render(**values))


ALL = ["unlock", "lock", "lockdown", "enrol", "reload", "health"]


@pytest.mark.parametrize("commands", [[], ["health"], ALL])
@pytest.mark.parametrize("contact", [True, False])
def test_every_entity_has_what_its_platform_demands_and_nothing_else(commands: list[str], contact: bool) -> None:
    payload = discovery(contact=contact, commands=commands)
    assert set(payload) <= {"device", "origin", "components", "availability", "availability_mode", "qos", "encoding"}
    assert payload["device"]["identifiers"]
    assert set(payload["device"]) <= {"identifiers", "name", "manufacturer", "model", "sw_version", "serial_number"}
    assert payload["origin"]["name"]
    assert set(payload["origin"]) <= {"name", "sw_version", "support_url"}
    assert payload["availability"] == [{"topic": "auther/door1/status"}]
    for component in payload["components"].values():
        required, optional = PLATFORMS[component["platform"]]
        assert required <= set(component)
        assert set(component) <= COMMON | optional
        assert not component.get("retain", False)
        if component["platform"] == "binary_sensor":
            assert component.get("device_class") in BINARY_CLASSES
    unique = [component["unique_id"] for component in payload["components"].values()]
    assert len(set(unique)) == len(unique)
    assert ("contact" in payload["components"]) is contact


def test_the_topic_is_that_of_device_discovery() -> None:
    message = announcement(Mqtt(discovery_prefix="ha"), device_id="door1", version="1", contact=False, signed=False)
    assert message.topic == "ha/device/auther_door1/config"


@pytest.mark.parametrize(("commands", "signed"), [(ALL, True), (["health"], False), (["lock"], False)])
def test_a_lock_that_would_not_obey_is_only_watched(commands: list[str], signed: bool) -> None:
    components = discovery(commands=commands, signed=signed)["components"]
    assert components["lock"]["platform"] == components["lockdown"]["platform"] == "binary_sensor"


def test_its_commands_are_ones_that_the_terminal_reads() -> None:
    components = discovery(commands=ALL)["components"]
    lock, lockdown = components["lock"], components["lockdown"]
    assert json.loads(render(lock["command_template"], value=lock["payload_unlock"])) == {
        "name": "unlock",
        "id": "ha-1599149108.938123",
        "time": "2020-09-03T16:05:08.938+00:00",
    }
    assert json.loads(render(lockdown["command_template"], value=lockdown["payload_on"]))["arguments"] == {"on": True}
    assert (lock["command_topic"], lockdown["command_topic"]) == (
        "auther/door1/command",
        "auther/door1/command/lockdown",
    )


def test_states_are_read_from_the_terminals_messages() -> None:
    watched = discovery()["components"]
    obeying = discovery(commands=ALL)["components"]
    door = {"lock": "unlocked", "lockdown": True, "contact": "open"}
    assert render(obeying["lock"]["value_template"], value_json=door) == obeying["lock"]["state_unlocked"]
    assert render(obeying["lockdown"]["value_template"], value_json=door) == obeying["lockdown"]["state_on"]
    for key in ("lock", "lockdown", "contact"):
        assert render(watched[key]["value_template"], value_json=door) == "ON"
    shut = {"lock": "locked", "lockdown": False, "contact": "closed"}
    for key in ("lock", "lockdown", "contact"):
        assert render(watched[key]["value_template"], value_json=shut) == "OFF"


def test_the_camera_is_read_from_health() -> None:
    camera = discovery()["components"]["camera"]
    health = {"state": {"camera": {"state": "absent", "since": "2020-09-03T16:05:08.938Z", "advice": "plug it in"}}}
    assert camera["state_topic"] == "auther/door1/health"
    assert render(camera["value_template"], value_json=health) == "absent"


def test_events_name_their_type_and_a_denial_leaves_the_last_person() -> None:
    components = discovery()["components"]
    denied = {"decision": "denied", "person_id": None, "similarity": None}
    event = json.loads(render(components["access"]["value_template"], value_json=denied))
    assert event["event_type"] in components["access"]["event_types"]
    alarm = json.loads(render(components["alarm"]["value_template"], value_json={"alarm": "tamper"}))
    assert alarm["event_type"] in components["alarm"]["event_types"]
    last = components["person"]["value_template"]
    assert render(last, value_json=denied, this={"state": "ada"}) == "ada"
    assert render(last, value_json={"person_id": "bob"}, this={"state": "ada"}) == "bob"
    # Home Assistant reads the word None as "unknown".
    assert render(components["similarity"]["value_template"], value_json=denied) == "None"
