import logging
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from daemon.events.building_events import EventType
from daemon.events.door_changes import Cause, DoorEvent
from daemon.events.log import EventLog
from daemon.events.messages import DoorState
from daemon.events.outbox import Outbox
from daemon.log_line import fields_of, text_of
from daemon.types import Challenge, Decision, Prompt, Reason
from models.manifest import load_manifest
from models.similarity import ScoreScale

CLOCK, WALL = 500.0, 1_700_000_000.0

SCALE = ScoreScale(load_manifest().embedder.similarity)
GRANTED = Decision(3, Reason.GRANTED, CLOCK - 0.25, "ann", SCALE.score(80.0), 0.9)
DENIED = Decision(4, Reason.SPOOF, CLOCK - 0.25, None, None, 0.02)


class Log:
    """An event log and all that it told."""

    def __init__(self, outbox: Outbox) -> None:
        self.told: list[Mapping[str, object] | DoorState] = []
        self.events = EventLog(
            outbox=outbox,
            scale=SCALE,
            on_access=self.told.append,
            on_event=self.told.append,
            on_door=self.told.append,
            clock=lambda: CLOCK,
            wall=lambda: WALL,
        )

    def write(self) -> None:
        """Write all that waits."""
        stop = threading.Event()
        stop.set()
        self.events.run(stop)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(path=tmp_path / "events.db", device_id="door1", limit=1000, max_age_seconds=1e6)
    yield outbox
    outbox.close()


@pytest.fixture
def log(outbox: Outbox) -> Log:
    return Log(outbox)


def test_what_was_told_is_written_in_order_even_after_the_stop(log: Log, outbox: Outbox) -> None:
    for n in range(20):
        log.events.tell(Decision(n, Reason.UNKNOWN, CLOCK))
        log.events.tell_door(locked=bool(n % 2), lockdown=False, is_open=None)
    log.write()
    accesses = [told["track"] for told in log.told if isinstance(told, Mapping)]
    assert accesses == list(range(20))
    assert [told.locked for told in log.told if isinstance(told, DoorState)] == [bool(n % 2) for n in range(20)]
    assert [isinstance(told, Mapping) for told in log.told] == [True, False] * 20
    assert [event.payload["track"] for event in outbox.pending(100)] == list(range(20))


def test_a_grant_tells_who_how_alike_and_how_fast(log: Log) -> None:
    log.events.tell(GRANTED, CLOCK - 0.2)
    log.write()
    (told,) = log.told
    assert isinstance(told, Mapping)
    expected = {
        "decision": "granted",
        "reason": "granted",
        "person_id": "ann",
        "similarity": 80.0,
        "liveness": 0.9,
        "track": 3,
        "relay_ms": 50.0,
        "captured": "2023-11-14T22:13:19.750Z",
        "device": "door1",
        "seq": 1,
    }
    assert {key: told[key] for key in expected} == expected


def test_a_denial_names_nobody_and_no_relay(log: Log) -> None:
    log.events.tell(DENIED)
    log.write()
    (told,) = log.told
    assert isinstance(told, Mapping)
    assert (told["decision"], told["reason"], told["person_id"]) == ("denied", "spoof", None)
    assert (told["similarity"], told["relay_ms"]) == (None, None)


def test_a_frame_of_a_fast_replay_has_no_time_to_the_relay(log: Log) -> None:
    log.events.tell(GRANTED, GRANTED.captured - 0.1)
    log.write()
    (told,) = log.told
    assert isinstance(told, Mapping)
    assert told["relay_ms"] is None


def test_the_door_is_told_with_its_time(log: Log) -> None:
    log.events.tell_door(locked=False, lockdown=False, is_open=None)
    log.write()
    assert log.told == [DoorState(locked=False, lockdown=False, open=None, changed=WALL)]


def test_a_challenge_is_told_in_its_turn(log: Log, outbox: Outbox) -> None:
    prompt = Prompt(3, Challenge.BLINK, CLOCK, CLOCK + 6)
    log.events.tell(DENIED)
    log.events.tell_prompt(prompt)
    log.write()
    event = outbox.pending(10)[1]
    assert (event.topic, event.payload["event"], event.payload["detail"]) == ("event", "challenge", "blink")


def test_a_disk_that_fails_loses_the_event_and_says_so(
    log: Log, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    outbox.close()
    log.events.tell(GRANTED, CLOCK)
    log.events.tell_door(locked=False, lockdown=False, is_open=None)
    log.write()
    assert log.told == [DoorState(locked=False, lockdown=False, open=None, changed=WALL)]
    assert "an event was lost" in caplog.text


def test_a_denial_for_what_is_no_number_is_told(log: Log) -> None:
    nan = float("nan")
    log.events.tell(Decision(1, Reason.LIVENESS, CLOCK, score=nan, liveness=nan))
    log.write()
    (told,) = log.told
    assert isinstance(told, Mapping)
    assert (told["reason"], told["similarity"], told["liveness"]) == ("liveness", None, None)


def test_an_alarm_is_stored_apart_from_what_merely_happens(log: Log, outbox: Outbox) -> None:
    log.events.tell_event(DoorEvent(EventType.FORCED, CLOCK - 1.0))
    log.events.tell_event(DoorEvent(EventType.UNLOCKED, CLOCK, Cause.EXIT_BUTTON))
    log.write()
    alarm, event = outbox.pending(10)
    assert (alarm.topic, alarm.payload["alarm"], alarm.payload["severity"]) == ("alarm", "forced", "critical")
    assert (alarm.payload["bacnet"], alarm.payload["captured"]) == ("forced-open", "2023-11-14T22:13:19.000Z")
    assert (event.topic, event.payload["event"], event.payload["detail"]) == ("event", "unlocked", "exit_button")
    assert log.told == [alarm.payload, event.payload]


def test_a_decision_is_one_line_with_fields(log: Log, outbox: Outbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    log.events.tell(GRANTED, CLOCK)
    log.write()
    (record,) = caplog.records
    (stored,) = outbox.recent(1)
    assert fields_of(record) == {
        "decision": "granted",
        "reason": "granted",
        "person": "ann",
        "track": 3,
        "similarity": 80.0,
        "liveness": 0.9,
        "relay_ms": 250.0,
        "event_id": stored.event_id,
    }
    assert text_of(record).startswith("granted (granted) person=ann track=3 similarity=80.0 ")


def test_people_are_named_in_a_field_alone(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for kind in (EventType.ENROLLED, EventType.ENROLMENT_FAILED, EventType.DURESS, EventType.PASSBACK):
        log.events.tell_event(DoorEvent(kind, CLOCK, detail="ann"))
    log.events.tell_event(DoorEvent(EventType.DEVICE_LOST, CLOCK, detail="strike: unplugged"))
    log.write()
    assert [fields_of(record).get("person") for record in caplog.records] == ["ann"] * 4 + [None]
    assert "ann" not in " ".join(record.getMessage() for record in caplog.records)
    assert text_of(caplog.records[-1]) == "device_lost: strike: unplugged"
