"""What the building is told: values of the daemon as JSON payloads. The contract is daemon/mqtt/asyncapi.json."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from daemon.events.outbox import StoredEvent, encode
from daemon.timestamps import to_iso
from daemon.types import AccessEvent

SCHEMA = 1
ONLINE = b"online"
OFFLINE = b"offline"
Alarm = Literal[
    "events_lost",
    "tamper",
    "tamper_ended",
    "forced",
    "forced_ended",
    "held_open",
    "held_open_ended",
    "device_lost",
    "device_back",
    "camera_failed",
    "camera_restored",
    "lockout",
    "duress",
    "passback",
    "sharing_refused",
    "clock_skew",
]
ALARMS: tuple[Alarm, ...] = get_args(Alarm)


@dataclass(frozen=True)
class DoorState:
    """The door as it stands: `open` is None without a contact, `changed` is the Unix time in seconds."""

    locked: bool
    lockdown: bool
    open: bool | None
    changed: float


def access_payload(event: AccessEvent) -> dict[str, object]:
    """A decision, for `Outbox.append("access", …)`; similarity in percent, liveness 0..1, relay_ms in milliseconds."""
    return {
        "schema": SCHEMA,
        "captured": to_iso(event.captured),
        "decision": event.decision,
        "reason": event.reason.value,
        "person_id": event.person_id,
        "similarity": rounded(event.similarity, 1),
        "liveness": rounded(event.liveness, 3),
        "track": event.track_id,
        "relay_ms": rounded(event.relay_ms, 1),
    }


def door_payload(state: DoorState, *, device_id: str) -> dict[str, object]:
    """The retained state of the door."""
    return {
        "schema": SCHEMA,
        "device": device_id,
        "lock": "locked" if state.locked else "unlocked",
        "lockdown": state.lockdown,
        "contact": None if state.open is None else "open" if state.open else "closed",
        "changed": to_iso(state.changed),
    }


def alarm_payload(alarm: Alarm, *, at: float, detail: str | None = None) -> dict[str, object]:
    """An alarm, for `Outbox.append("alarm", …)`; `at` is Unix time in seconds."""
    return {"schema": SCHEMA, "captured": to_iso(at), "alarm": alarm, "detail": detail}


def event_payload(name: str, *, at: float, detail: str | None = None) -> dict[str, object]:
    """What happened at the door and is no alarm, for `Outbox.append("event", …)`; `at` is Unix time in seconds."""
    return {"schema": SCHEMA, "captured": to_iso(at), "event": name, "detail": detail}


def health_payload(
    state: Mapping[str, object], *, device_id: str, at: float, unconfirmed: int, lost: int
) -> dict[str, object]:
    """The terminal's health at Unix time `at`, with how many events wait on disk and how many ever had to go unsent."""
    counts: dict[str, object] = {"unconfirmed": unconfirmed, "lost": lost}
    return {"schema": SCHEMA, "device": device_id, "time": to_iso(at), "state": dict(state), "outbox": counts}


def result_payload(result: Mapping[str, object], *, device_id: str, at: float) -> dict[str, object]:
    """What became of a command, answered at Unix time `at`."""
    return {"schema": SCHEMA, "device": device_id, "time": to_iso(at), **result}


def wire(event: StoredEvent, *, published: float) -> bytes:
    """A stored event as it goes to the broker, with the Unix time of this attempt to publish it."""
    return encode({**event.payload, "published": to_iso(published)}).encode()


def plain(payload: Mapping[str, object]) -> bytes:
    """A payload that is no event (door state, health, a command's result), as it goes to the broker."""
    return encode(payload).encode()


def rounded(value: float | None, digits: int) -> float | None:
    """To so many digits behind the point."""
    return None if value is None else round(value, digits)
