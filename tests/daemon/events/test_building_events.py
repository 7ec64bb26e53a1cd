import json
import re
from pathlib import Path

import daemon
from daemon.events import messages
from daemon.events.building_events import DECISIONS, EVENTS, EventType, table
from daemon.types import Reason

# BACnetAccessEvent and BACnetDoorAlarmState of ASHRAE 135, as far as they are used.
BACNET = {
    "granted", "passback-detected", "duress", "lockout-max-attempts", "no-entry-after-grant", "verification-required",
    "denied-unknown-credential", "denied-incorrect-authentication-factor", "denied-out-of-time-range",
    "denied-threat-level", "denied-passback", "denied-max-attempts", "denied-authentication-factor-error",
    "denied-credential-not-provisioned", "denied-credential-not-yet-active", "denied-credential-expired",
    "denied-no-accompaniment", "denied-lockout", "denied-verification-failed", "denied-verification-timeout",
    "denied-other", "normal", "door-open-too-long", "forced-open", "tamper", "door-fault", "lock-down", "egress-open",
}  # fmt: skip


def test_every_reason_and_event_has_its_row() -> None:
    assert set(DECISIONS) == set(Reason)
    assert set(EVENTS) == set(EventType)
    assert {entry.bacnet for entry in (*DECISIONS.values(), *EVENTS.values())} - {None} <= BACNET


def test_the_alarms_are_those_of_the_mqtt_contract() -> None:
    assert {kind.value for kind, entry in EVENTS.items() if entry.alarm} == set(messages.ALARMS)


def test_the_events_are_those_of_the_mqtt_contract() -> None:
    assert daemon.__file__ is not None
    contract = json.loads((Path(daemon.__file__).parent / "mqtt" / "asyncapi.json").read_text(encoding="utf-8"))
    words = contract["components"]["schemas"]["Event"]["properties"]["event"]["enum"]
    assert words == [kind.value for kind, entry in EVENTS.items() if not entry.alarm]


def test_the_documentation_has_the_table() -> None:
    """Out of date? Put what `table()` gives there."""
    assert table() in (Path(daemon.__file__).parent / "docs" / "events.md").read_text(encoding="utf-8")


def test_the_table_has_a_row_for_each() -> None:
    rows = table().splitlines()
    assert len(rows) == 2 + len(DECISIONS) + len(EVENTS)
    assert all(re.fullmatch(r"\|.*\|.*\|.*\|.*\|", row) for row in rows)
