import json
from pathlib import Path

from daemon.events import messages
from daemon.events.messages import DoorState
from daemon.events.outbox import Outbox
from daemon.types import AccessEvent, Reason

GRANTED = AccessEvent("granted", Reason.GRANTED, 1599149108.938, 7, "ada", 97.123456, 0.98765, 212.345)
DENIED = AccessEvent("denied", Reason.SPOOF, 1599149108.938, 8, None, None, 0.01, None)


def test_a_grant_tells_who_how_sure_and_how_fast() -> None:
    assert messages.access_payload(GRANTED) == {
        "schema": 1,
        "captured": "2020-09-03T16:05:08.938Z",
        "decision": "granted",
        "reason": "granted",
        "person_id": "ada",
        "similarity": 97.1,
        "liveness": 0.988,
        "track": 7,
        "relay_ms": 212.3,
    }


def test_a_denial_names_nobody() -> None:
    payload = messages.access_payload(DENIED)
    assert (payload["decision"], payload["reason"]) == ("denied", "spoof")
    assert payload["person_id"] is payload["similarity"] is payload["relay_ms"] is None


def test_the_time_of_publishing_is_added_on_the_way_out(tmp_path: Path) -> None:
    outbox = Outbox(path=tmp_path / "events.db", device_id="door1", limit=10, max_age_seconds=1e6)
    event = outbox.append("access", messages.access_payload(GRANTED))
    sent = json.loads(messages.wire(event, published=1599149109.0))
    outbox.close()
    assert sent == {**event.payload, "published": "2020-09-03T16:05:09.000Z"}


def test_a_door_without_a_contact_does_not_claim_to_be_closed() -> None:
    state = DoorState(locked=True, lockdown=False, open=None, changed=0.0)
    payload = messages.door_payload(state, device_id="door1")
    assert (payload["lock"], payload["contact"], payload["lockdown"]) == ("locked", None, False)
    unlocked = messages.door_payload(DoorState(locked=False, lockdown=False, open=True, changed=0.0), device_id="door1")
    assert (unlocked["lock"], unlocked["contact"]) == ("unlocked", "open")
