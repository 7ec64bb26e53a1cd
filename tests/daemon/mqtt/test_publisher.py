import logging
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.backoff import Backoff
from daemon.config.settings import Mqtt
from daemon.events.messages import DoorState
from daemon.events.outbox import Outbox
from daemon.mqtt.publisher import MqttPublisher
from tests.daemon.certificates import Authority
from tests.daemon.mosquitto import Mosquitto, Watcher, property_of, running, wait_until
from tests.ports import free_port


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running(tmp_path) as broker:
        yield broker


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(path=tmp_path / "events.db", device_id="door1", limit=100_000, max_age_seconds=1e6)
    yield outbox
    outbox.close()


def publisher(outbox: Outbox, port: int, **settings: object) -> MqttPublisher:
    mqtt = Mqtt.model_validate({"host": "127.0.0.1", "port": port, **settings})
    return MqttPublisher(outbox=outbox, settings=mqtt, device_id="door1", backoff=Backoff(shortest=0.05, longest=0.2))


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_events_arrive_in_order_and_leave_the_outbox(broker: Mosquitto, outbox: Outbox, protocol: str) -> None:
    outbox.append("access", {"n": 0})
    with Watcher(broker.port) as watcher:
        mqtt = publisher(outbox, broker.port, protocol=protocol)
        mqtt.start()
        for n in range(1, 50):
            outbox.append("access", {"n": n})
            mqtt.notify()
        wait_until(lambda: len(watcher.on("auther/door1/access")) == 50, "50 events")
        wait_until(lambda: outbox.unconfirmed == 0, "confirmations")
        mqtt.close()
    assert [value["n"] for value in watcher.values("auther/door1/access")] == list(range(50))
    assert not any(message.retain for message in watcher.on("auther/door1/access"))


def test_events_carry_type_expiry_and_names(broker: Mosquitto, outbox: Outbox) -> None:
    event = outbox.append("access", {})
    with Watcher(broker.port) as watcher:
        mqtt = publisher(outbox, broker.port, event_expiry_seconds=600)
        mqtt.start()
        wait_until(lambda: bool(watcher.on("auther/door1/access")), "the event")
        mqtt.close()
    (message,) = watcher.on("auther/door1/access")
    assert message.qos == 1
    assert property_of(message, "ContentType") == "application/json"
    assert property_of(message, "MessageExpiryInterval") == 600
    assert dict(property_of(message, "UserProperty")) == {"event_id": event.event_id, "seq": "1", "schema": "1"}


def test_status_is_online_then_offline_and_retained(broker: Mosquitto, outbox: Outbox) -> None:
    with Watcher(broker.port) as watcher:
        mqtt = publisher(outbox, broker.port)
        mqtt.start()
        wait_until(lambda: watcher.texts("auther/door1/status") == ["online"], "online")
        mqtt.close()
        wait_until(lambda: watcher.texts("auther/door1/status") == ["online", "offline"], "offline")
    with Watcher(broker.port) as late:
        wait_until(lambda: late.texts("auther/door1/status") == ["offline"], "the retained status")


def test_the_door_state_is_retained_and_told_again_to_a_new_broker(broker: Mosquitto, outbox: Outbox) -> None:
    mqtt = publisher(outbox, broker.port)
    mqtt.publish_door(DoorState(locked=True, lockdown=False, open=None, changed=0.0))
    mqtt.start()
    mqtt.publish_door(DoorState(locked=False, lockdown=False, open=False, changed=1.0))
    for _ in range(2):
        with Watcher(broker.port) as watcher:
            wait_until(lambda: bool(watcher.values("auther/door1/door")), "the door's state")
            wait_until(lambda: watcher.values("auther/door1/door")[-1]["lock"] == "unlocked", "the last state")
        broker.stop()
        broker.start()
    mqtt.close()


def test_it_starts_without_a_broker_and_delivers_when_one_comes(tmp_path: Path, outbox: Outbox) -> None:
    broker = Mosquitto(tmp_path)
    mqtt = publisher(outbox, broker.port)
    mqtt.start()
    outbox.append("access", {"n": 1})
    mqtt.notify()
    broker.start()
    try:
        wait_until(lambda: outbox.unconfirmed == 0, "delivery")
    finally:
        mqtt.close()
        broker.stop()


def test_close_is_quick_when_the_broker_is_frozen(broker: Mosquitto, outbox: Outbox) -> None:
    mqtt = publisher(outbox, broker.port)
    mqtt.start()
    wait_until(lambda: mqtt.connected, "the connection")
    broker.signal(signal.SIGSTOP)
    outbox.append("access", {})
    mqtt.notify()
    began = time.monotonic()
    mqtt.close()
    assert time.monotonic() - began < 2
    mqtt.notify()


@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")  # paho's, of a broken handshake
@pytest.mark.parametrize("tls", [False, True])
def test_close_is_quick_when_the_broker_accepts_and_says_nothing(outbox: Outbox, tmp_path: Path, tls: bool) -> None:
    settings = {"ca_file": Authority(tmp_path).file} if tls else {}
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mqtt = publisher(outbox, mute.getsockname()[1], **settings)
        mqtt.start()
        connection, _ = mute.accept()
        with connection:
            began = time.monotonic()
            mqtt.close()
            assert time.monotonic() - began < 2


def test_close_before_start_is_allowed(outbox: Outbox) -> None:
    publisher(outbox, 1).close()


def test_an_absent_broker_is_logged_once(outbox: Outbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="daemon.mqtt.publisher")
    waits = 0

    def count(_low: float, high: float) -> float:
        nonlocal waits
        waits += 1
        return high

    backoff = Backoff(shortest=0.01, longest=0.01, uniform=count)
    settings = Mqtt(host="127.0.0.1", port=free_port())
    mqtt = MqttPublisher(outbox=outbox, settings=settings, device_id="door1", backoff=backoff)
    mqtt.start()
    wait_until(lambda: waits > 10, "ten attempts")
    mqtt.close()
    assert len(caplog.records) == 1
    assert "Connection refused" in caplog.text
    assert "mqtt.port" in caplog.text
