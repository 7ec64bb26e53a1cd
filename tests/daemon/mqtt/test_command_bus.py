"""Commands through a real broker to a handler that only writes down what it was told to do."""

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.packettypes import PacketTypes

from daemon.backoff import Backoff
from daemon.config.settings import Mqtt
from daemon.errors import AutherError
from daemon.events.outbox import Outbox
from daemon.mqtt.client import properties
from daemon.mqtt.command_bus import CommandBus
from daemon.mqtt.command_log import CommandLog
from daemon.mqtt.commands import CommandGate, Envelope, sign
from daemon.mqtt.homeassistant import announcement
from daemon.mqtt.publisher import MqttPublisher
from daemon.timestamps import to_iso
from tests.daemon.mosquitto import Mosquitto, Watcher, property_of, running, wait_until

PREFIX = "auther/door1"
RESULT = f"{PREFIX}/command/result"
KEY = b"k" * 32
OBEYED = ["unlock", "lock", "lockdown", "reload", "health"]


class RecordingHandler:
    """A fake that stands for the door: nothing moves, everything is written down."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def unlock(self, seconds: int | None) -> None:
        self.calls.append(("unlock", seconds))

    def lock(self) -> None:
        self.calls.append(("lock",))
        raise AutherError("the lock is jammed")

    def lockdown(self, *, on: bool) -> None:
        self.calls.append(("lockdown", on))

    def enrol(self, person_id: str, seconds: int) -> None:
        self.calls.append(("enrol", person_id, seconds))

    def reload(self) -> None:
        raise RuntimeError("a bug")

    def health(self) -> Mapping[str, object]:
        return {"uptime_seconds": 5}


class Terminal:
    """A publisher that obeys commands, which can be restarted with the same files."""

    def __init__(self, folder: Path, port: int, *, key: bytes | None = None, **settings: object) -> None:
        self.handler = RecordingHandler()
        self._folder, self._key = folder, key
        self._settings = Mqtt.model_validate({"host": "127.0.0.1", "port": port, "commands": OBEYED, **settings})
        self._stack = ExitStack()

    def start(self) -> None:
        log = CommandLog(path=self._folder / "commands.db")
        gate = CommandGate(
            device_id="door1",
            allowed=OBEYED,
            key=self._key,
            window_seconds=30,
            seen=log,
        )
        bus = CommandBus(gate=gate, handler=self.handler, device_id="door1", prefix=PREFIX)
        self.outbox = Outbox(path=self._folder / "events.db", device_id="door1", limit=100, max_age_seconds=1e6)
        publisher = MqttPublisher(
            outbox=self.outbox,
            settings=self._settings,
            device_id="door1",
            commands=bus,
            announce=announcement(self._settings, device_id="door1", version="1", contact=False, signed=False),
            backoff=Backoff(shortest=0.05, longest=0.2),
        )
        for resource in (log, self.outbox, publisher):
            self._stack.callback(resource.close)
        with Watcher(self._settings.port, f"{PREFIX}/status") as watcher:
            publisher.start()
            wait_until(lambda: watcher.texts(f"{PREFIX}/status")[-1:] == ["online"], "the greeting")

    def stop(self) -> None:
        self._stack.close()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running(tmp_path) as broker:
        yield broker


@pytest.fixture
def terminal(tmp_path: Path, broker: Mosquitto) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path, broker.port)
    terminal.start()
    yield terminal
    terminal.stop()


@pytest.fixture
def building(broker: Mosquitto) -> Iterator[Watcher]:
    with Watcher(broker.port) as watcher:
        yield watcher


def command(*, age: float = 0.0, **fields: object) -> dict[str, Any]:
    return {"id": uuid.uuid4().hex, "time": to_iso(time.time() - age), **fields}


def send(
    building: Watcher, name: str, payload: dict[str, Any] | bytes, *, retain: bool = False, **extra: object
) -> None:
    text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    topic = f"{PREFIX}/command/{name}".rstrip("/")
    building.client.publish(topic, text, qos=1, retain=retain, properties=properties(PacketTypes.PUBLISH, **extra))


def results(building: Watcher, count: int) -> list[dict[str, Any]]:
    wait_until(lambda: len(building.on(RESULT)) >= count, f"{count} results")
    return building.values(RESULT)


def test_a_command_acts_and_is_answered_with_its_correlation_data(terminal: Terminal, building: Watcher) -> None:
    sent = command(arguments={"seconds": 5})
    send(building, "unlock", sent, CorrelationData=b"\x01\x02", MessageExpiryInterval=30)
    (answer,) = results(building, 1)
    assert terminal.handler.calls == [("unlock", 5)]
    assert (answer["id"], answer["command"], answer["ok"], answer["reason"]) == (sent["id"], "unlock", True, "done")
    (message,) = building.on(RESULT)
    assert property_of(message, "CorrelationData") == b"\x01\x02"
    assert property_of(message, "MessageExpiryInterval") == 60
    assert not message.retain


def test_the_name_may_be_in_the_payload(terminal: Terminal, building: Watcher) -> None:
    send(building, "", command(name="lockdown", arguments={"on": True}))
    assert results(building, 1)[0]["ok"]
    assert terminal.handler.calls == [("lockdown", True)]


def test_health_is_answered_and_published_without_being_asked(terminal: Terminal, building: Watcher) -> None:
    send(building, "health", command())
    assert results(building, 1)[0]["data"] == {"uptime_seconds": 5}
    terminal.stop()
    terminal.start()
    wait_until(lambda: bool(building.values(f"{PREFIX}/health")), "the health")
    assert building.values(f"{PREFIX}/health")[0]["outbox"] == {"unconfirmed": 0, "lost": 0}


def test_what_the_handler_cannot_do_is_told(terminal: Terminal, building: Watcher) -> None:
    send(building, "lock", command())
    send(building, "reload", command())
    jammed, bug = results(building, 2)
    assert (jammed["ok"], jammed["reason"], jammed["detail"]) == (False, "failed", "the lock is jammed")
    assert (bug["reason"], bug["detail"]) == ("failed", "internal error; see the terminal's log")
    assert terminal.handler.calls == [("lock",)]


def test_what_must_not_act_never_reaches_the_handler(terminal: Terminal, building: Watcher) -> None:
    send(building, "unlock", command(), retain=True)
    send(building, "unlock", command(age=31))
    send(building, "unlock", command(age=-31))
    send(building, "enrol", command(arguments={"person_id": "eve"}))
    send(building, "unlock", b"UNLOCK")
    send(building, "unlock", command(arguments={"seconds": "5"}))
    send(building, "unlock", b"{" + b" " * 100_000 + b"}")
    reasons = [answer["reason"] for answer in results(building, 7)]
    assert reasons == ["retained", "stale", "stale", "forbidden", "malformed", "malformed", "malformed"]
    assert terminal.handler.calls == []


def test_a_command_left_at_the_broker_does_not_act_after_a_reconnect(terminal: Terminal, building: Watcher) -> None:
    terminal.stop()
    send(building, "unlock", command(), retain=True)
    send(building, "unlock", command())
    wait_until(lambda: len(building.on(f"{PREFIX}/command/unlock")) == 2, "the broker to have both")
    terminal.start()
    assert [answer["reason"] for answer in results(building, 1)] == ["retained"]
    send(building, "unlock", b"", retain=True)
    assert terminal.handler.calls == []


def test_the_same_id_acts_once_also_across_a_restart(terminal: Terminal, building: Watcher) -> None:
    sent = command()
    send(building, "unlock", sent)
    send(building, "unlock", sent)
    assert [answer["reason"] for answer in results(building, 2)] == ["done", "duplicate"]
    terminal.stop()
    terminal.start()
    send(building, "unlock", sent)
    assert results(building, 3)[2]["reason"] == "duplicate"
    assert terminal.handler.calls == [("unlock", None)]


def test_where_a_key_is_set_only_signed_commands_act(tmp_path: Path, broker: Mosquitto, building: Watcher) -> None:
    terminal = Terminal(tmp_path, broker.port, key=KEY)
    terminal.start()
    sent = command(arguments={"seconds": 5})
    signature = sign(KEY, "door1", "unlock", Envelope.model_validate(sent))
    send(building, "unlock", sent)
    send(building, "unlock", {**sent, "arguments": {"seconds": 50}, "signature": signature})
    send(building, "unlock", {**sent, "signature": signature})
    assert [answer["reason"] for answer in results(building, 3)] == ["unsigned", "bad_signature", "done"]
    assert terminal.handler.calls == [("unlock", 5)]
    terminal.stop()


def test_commands_work_over_3_1_1(tmp_path: Path, broker: Mosquitto, building: Watcher) -> None:
    terminal = Terminal(tmp_path, broker.port, protocol="3.1.1")
    terminal.start()
    send(building, "unlock", command())
    assert results(building, 1)[0]["ok"]
    terminal.stop()


def test_home_assistant_finds_the_terminal_and_opens_its_door(terminal: Terminal, building: Watcher) -> None:
    topic = "homeassistant/device/auther_door1/config"
    wait_until(lambda: bool(building.values(topic)), "the announcement")
    lock = building.values(topic)[0]["components"]["lock"]
    now = datetime.now(timezone.utc)
    # What Home Assistant makes of the lock's command_template.
    rendered = {
        "name": lock["payload_unlock"],
        "id": f"ha-{now.timestamp():.6f}",
        "time": now.isoformat(timespec="milliseconds"),
    }
    building.client.publish(lock["command_topic"], json.dumps(rendered), qos=lock["qos"])
    assert results(building, 1)[0]["ok"]
    assert terminal.handler.calls == [("unlock", None)]


def test_a_flood_of_commands_does_not_keep_events_from_their_way(terminal: Terminal, building: Watcher) -> None:
    for _ in range(500):
        send(building, "health", command())
    terminal.outbox.append("access", {})
    wait_until(lambda: terminal.outbox.unconfirmed == 0, "the event")
    wait_until(lambda: bool(building.on(f"{PREFIX}/access")), "the event at the building")


def test_what_is_far_too_large_is_never_sent_to_it(terminal: Terminal, building: Watcher) -> None:
    send(building, "lock", b" " * 4097)
    send(building, "lock", b" " * 600 * 1024)
    send(building, "unlock", command())
    assert [(answer["ok"], answer["reason"]) for answer in results(building, 2)] == [
        (False, "malformed"),
        (True, "done"),
    ]
