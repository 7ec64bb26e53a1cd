"""What Home Assistant is told so that it finds the terminal by itself: one retained discovery message, pure data.

Device discovery (Home Assistant 2024.12 and later): https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery;
the fields of each platform: https://www.home-assistant.io/integrations/lock.mqtt/ and its siblings.
"""

from collections.abc import Mapping

from daemon.config.settings import Mqtt
from daemon.events import messages
from daemon.mqtt.link import Outgoing

Component = Mapping[str, object]

# Home Assistant has neither an id nor a time of its own for a command: both come from the clock it sends with.
_ID_AND_TIME = (
    '"id": "ha-{{ \'%.6f\' % utcnow().timestamp() }}", "time": "{{ utcnow().isoformat(timespec=\'milliseconds\') }}"'
)


def announcement(settings: Mqtt, *, device_id: str, version: str, contact: bool, signed: bool) -> Outgoing:
    """The message that makes the terminal appear, with a door sensor if there is a `contact`.

    Home Assistant can't sign: with `signed` commands, or without the permission for them, the lock can only be watched.
    """
    prefix = f"{settings.base_topic}/{device_id}"
    allowed = frozenset() if signed else frozenset(settings.commands)
    payload = {
        "device": {
            "identifiers": [f"auther_{device_id}"],
            "name": device_id,
            "manufacturer": "Auther",
            "model": "Auther Embedded",
            "sw_version": version,
        },
        "origin": {"name": "Auther Embedded", "sw_version": version},
        "availability": [{"topic": f"{prefix}/status"}],
        "qos": 1,
        "components": components(prefix, device_id=device_id, allowed=allowed, contact=contact),
    }
    topic = f"{settings.discovery_prefix}/device/auther_{device_id}/config"
    return Outgoing(topic, messages.plain(payload), retain=True)


def components(prefix: str, *, device_id: str, allowed: frozenset[str], contact: bool) -> dict[str, Component]:
    """The entities by their keys; `allowed` are the commands that an unsigned message may give."""
    found: dict[str, Component] = {
        "lock": _lock(prefix) if {"lock", "unlock"} <= allowed else _watched_lock(prefix),
        "lockdown": _lockdown(prefix) if "lockdown" in allowed else _watched_lockdown(prefix),
        **_access(f"{prefix}/access"),
        "alarm": _event("Alarm", f"{prefix}/alarm", messages.ALARMS, "alarm"),
        "camera": _sensor("Camera", f"{prefix}/health", "state.camera.state", entity_category="diagnostic"),
        "unsent": _sensor("Unsent events", f"{prefix}/health", "outbox.unconfirmed", entity_category="diagnostic"),
    }
    if contact:
        found["contact"] = _binary("Door", f"{prefix}/door", "contact == 'open'", device_class="door")
    return {key: {**component, "unique_id": f"auther_{device_id}_{key}"} for key, component in found.items()}


def _lock(prefix: str) -> Component:
    return {
        "platform": "lock",
        "name": "Lock",
        "state_topic": f"{prefix}/door",
        "value_template": "{{ value_json.lock }}",
        "state_locked": "locked",
        "state_unlocked": "unlocked",
        "command_topic": f"{prefix}/command",
        "command_template": '{"name": "{{ value }}", ' + _ID_AND_TIME + "}",
        "payload_lock": "lock",
        "payload_unlock": "unlock",
        "qos": 1,
        "retain": False,
    }


def _watched_lock(prefix: str) -> Component:
    return _binary("Lock", f"{prefix}/door", "lock == 'unlocked'", device_class="lock")


def _lockdown(prefix: str) -> Component:
    return {
        "platform": "switch",
        "name": "Lockdown",
        "state_topic": f"{prefix}/door",
        "value_template": "{{ value_json.lockdown | lower }}",
        "state_on": "true",
        "state_off": "false",
        "command_topic": f"{prefix}/command/lockdown",
        "command_template": '{"arguments": {"on": {{ value }}}, ' + _ID_AND_TIME + "}",
        "payload_on": "true",
        "payload_off": "false",
        "qos": 1,
        "retain": False,
    }


def _watched_lockdown(prefix: str) -> Component:
    return _binary("Lockdown", f"{prefix}/door", "lockdown")


def _access(topic: str) -> dict[str, Component]:
    return {
        "access": _event("Access", topic, ("granted", "denied"), "decision"),
        "person": {
            "platform": "sensor",
            "name": "Last person",
            "state_topic": topic,
            # A denial names nobody and leaves the last person standing.
            "value_template": "{{ value_json.person_id or this.state }}",
            "json_attributes_topic": topic,
        },
        "similarity": _sensor("Similarity", topic, "similarity", unit_of_measurement="%", state_class="measurement"),
        "liveness": _sensor("Liveness", topic, "liveness", state_class="measurement"),
    }


def _event(name: str, topic: str, types: tuple[str, ...], kind: str) -> Component:
    return {
        "platform": "event",
        "name": name,
        "state_topic": topic,
        "event_types": list(types),
        "value_template": "{{ dict(value_json, event_type=value_json." + kind + ") | to_json }}",
    }


def _sensor(name: str, topic: str, field: str, **more: object) -> Component:
    template = "{{ value_json." + field + " }}"
    return {"platform": "sensor", "name": name, "state_topic": topic, "value_template": template, **more}


def _binary(name: str, topic: str, condition: str, **more: object) -> Component:
    template = "{{ 'ON' if value_json." + condition + " else 'OFF' }}"
    return {"platform": "binary_sensor", "name": name, "state_topic": topic, "value_template": template, **more}
