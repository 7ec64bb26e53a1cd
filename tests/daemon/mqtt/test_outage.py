"""Nothing is lost and nothing comes out of order, whatever dies: broker, network or terminal."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.backoff import Backoff
from daemon.config.settings import Mqtt
from daemon.events.outbox import Outbox
from daemon.mqtt.publisher import MqttPublisher
from tests.daemon.mosquitto import Mosquitto, Watcher, running, wait_until

TOPIC = "auther/door1/access"
PERSISTENCE = ("persistence true", "autosave_interval 1")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running(tmp_path) as broker:
        yield broker


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(path=tmp_path / "events.db", device_id="door1", limit=100_000, max_age_seconds=1e6)
    yield outbox
    outbox.close()


def publisher(outbox: Outbox, port: int) -> MqttPublisher:
    return MqttPublisher(
        outbox=outbox,
        settings=Mqtt.model_validate({"host": "127.0.0.1", "port": port}),
        device_id="door1",
        backoff=Backoff(shortest=0.02, longest=0.1),
    )


def arrived(watcher: Watcher, total: int) -> bool:
    """Whether all events up to `total` are there; parses only when that can be."""
    return len(watcher.messages) >= total and len(first_arrivals(watcher)[0]) == total


def first_arrivals(watcher: Watcher) -> tuple[list[int], int]:
    """The sequence numbers in the order of their first arrival, and how many different event ids there were."""
    values = watcher.values(TOPIC)
    return list(dict.fromkeys(value["seq"] for value in values)), len({value["event_id"] for value in values})


def test_events_of_an_outage_arrive_in_order(broker: Mosquitto, outbox: Outbox) -> None:
    mqtt = publisher(outbox, broker.port)
    mqtt.start()
    wait_until(lambda: mqtt.connected, "the connection")
    broker.stop(kill=True)
    for _ in range(2000):
        outbox.append("access", {})
        mqtt.notify()
    assert outbox.unconfirmed == 2000
    broker.start()
    with Watcher(broker.port, TOPIC) as watcher:
        wait_until(
            lambda: any(b'"seq":2000,' in message.payload for message in watcher.messages[-50:]), "the last event"
        )
        sequence, ids = first_arrivals(watcher)
        wait_until(lambda: outbox.unconfirmed == 0, "confirmation")
    mqtt.close()
    # The watcher may have come after the first events; what it saw is without gap up to the end.
    assert sequence == list(range(sequence[0], 2001))
    assert ids == len(sequence)


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGTERM])
def test_a_broker_that_comes_and_goes_loses_nothing(tmp_path: Path, outbox: Outbox, number: signal.Signals) -> None:
    """The subscriber has a session that the broker keeps on disk, so that it sees every event."""
    chance = random.Random(6)
    with (
        running(tmp_path, *PERSISTENCE, f"persistence_location {tmp_path}/") as broker,
        Watcher(broker.port, TOPIC, session="building") as watcher,
    ):
        mqtt = publisher(outbox, broker.port)
        mqtt.start()
        for _ in range(5):
            for _ in range(chance.randrange(50, 150)):
                outbox.append("access", {})
                mqtt.notify()
            _interrupt(broker, number)
        total = outbox.append("access", {}).seq
        mqtt.notify()
        wait_until(lambda: outbox.unconfirmed == 0, "delivery", deadline=60)
        wait_until(lambda: arrived(watcher, total), f"all {total} events")
        mqtt.close()
        assert first_arrivals(watcher) == (list(range(1, total + 1)), total)


def _interrupt(broker: Mosquitto, number: signal.Signals) -> None:
    if number is signal.SIGSTOP:
        broker.signal(signal.SIGSTOP)
        time.sleep(0.05)  # nothing to wait for: a frozen broker does nothing
        broker.signal(signal.SIGCONT)
    else:
        broker.stop()
        broker.start()


def test_a_subscriber_that_does_not_read_does_not_hold_the_terminal_up(broker: Mosquitto, outbox: Outbox) -> None:
    with Watcher(broker.port, TOPIC) as slow:
        slow.pause()
        mqtt = publisher(outbox, broker.port)
        mqtt.start()
        for _ in range(500):
            outbox.append("access", {"padding": "x" * 4000})
        mqtt.notify()
        wait_until(lambda: outbox.unconfirmed == 0, "delivery")
        mqtt.close()
        slow.resume()


TERMINAL = """
import os, sys
from pathlib import Path
from daemon.backoff import Backoff
from daemon.config.settings import Mqtt
from daemon.mqtt.publisher import MqttPublisher
from daemon.events.outbox import Outbox

read_end, folder, port = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
while os.read(read_end, 1):
    child = os.fork()
    if child == 0:
        outbox = Outbox(path=folder / "events.db", device_id="door1", limit=100_000, max_age_seconds=1e6)
        mqtt = MqttPublisher(outbox=outbox, settings=Mqtt.model_validate({"host": "127.0.0.1", "port": port}),
                             device_id="door1", backoff=Backoff(shortest=0.02, longest=0.1))
        mqtt.start()
        while True:
            outbox.append("access", {})
            mqtt.notify()
    print(child, flush=True)
    os.waitpid(child, 0)
"""


def test_a_terminal_killed_at_100_random_moments_loses_nothing(
    tmp_path: Path, broker: Mosquitto, outbox: Outbox
) -> None:
    """One process imports everything once and forks a terminal per life, which makes 100 kills cheap."""
    chance = random.Random(9)
    read_end, write_end = os.pipe()
    command = [sys.executable, "-c", TERMINAL, str(read_end), str(tmp_path), str(broker.port)]
    with (
        Watcher(broker.port, TOPIC) as watcher,
        subprocess.Popen(command, pass_fds=[read_end], stdout=subprocess.PIPE, text=True) as nursery,
    ):
        os.close(read_end)
        assert nursery.stdout is not None
        for _ in range(100):
            os.write(write_end, b"\0")
            child = int(nursery.stdout.readline())
            time.sleep(chance.uniform(0.0, 0.12))  # the random moment
            os.kill(child, signal.SIGKILL)
        os.close(write_end)
        nursery.wait(20)
        total = outbox.append("access", {}).seq
        mqtt = publisher(outbox, broker.port)
        mqtt.start()
        wait_until(lambda: arrived(watcher, total), f"all {total} events", deadline=60)
        mqtt.close()
        assert first_arrivals(watcher) == (list(range(1, total + 1)), total)
        assert total > 100


def test_a_clock_that_jumps_changes_neither_order_nor_delivery(broker: Mosquitto, tmp_path: Path) -> None:
    moments = iter([1.6e9, 0.0, 4e9, 1.6e9])
    outbox = Outbox(
        path=tmp_path / "events.db", device_id="door1", limit=100, max_age_seconds=60, clock=lambda: next(moments)
    )
    for _ in range(4):
        outbox.append("access", {})
    with Watcher(broker.port, TOPIC) as watcher:
        mqtt = publisher(outbox, broker.port)
        mqtt.start()
        wait_until(lambda: len(watcher.on(TOPIC)) == 4, "four events")
        mqtt.close()
    assert [value["seq"] for value in watcher.values(TOPIC)] == [1, 2, 3, 4]
    outbox.close()
