import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.config.settings import Mqtt
from daemon.mqtt import link as mqtt_link
from daemon.mqtt.client import build_client
from daemon.mqtt.link import Link, LinkError, Outgoing, Waker
from tests.daemon.mosquitto import running, wait_until
from tests.ports import free_port


@pytest.fixture
def waker() -> Iterator[Waker]:
    waker = Waker()
    yield waker
    waker.close()


def link(port: int, waker: Waker) -> Link:
    settings = Mqtt.model_validate({"host": "127.0.0.1", "port": port})
    return Link(client=build_client(settings, "door1"), host="127.0.0.1", port=port, waker=waker)


def drive(connection: Link) -> None:
    """Keep a connection going for as long as it lasts, within reason."""
    for _ in range(100):
        connection.wait(0.2)


def test_an_absent_broker_names_itself_and_the_settings(waker: Waker) -> None:
    port = free_port()
    with pytest.raises(LinkError, match=rf"127\.0\.0\.1:{port}: .*refused.*mqtt\.host, mqtt\.port"):
        link(port, waker).open(lambda: False)


def test_something_that_is_no_broker_is_given_up(waker: Waker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt_link, "CONNECT_TIMEOUT_SECONDS", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        connection = link(mute.getsockname()[1], waker)
        with pytest.raises(LinkError, match="does not speak MQTT"):
            connection.open(lambda: False)
        connection.close()


def test_a_broker_that_talks_nonsense_is_an_error(waker: Waker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            with server.accept()[0] as peer:
                peer.recv(1000)
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        connection = link(server.getsockname()[1], waker)
        with pytest.raises(LinkError):
            connection.open(lambda: False)
        connection.close()
        thread.join()


def test_the_broker_says_how_much_it_takes(waker: Waker, tmp_path: Path) -> None:
    with running(tmp_path, "max_inflight_messages 5") as broker:
        connection = link(broker.port, waker)
        connection.open(lambda: False)
        assert connection.room == 5
        connection.close()


def test_a_packet_that_the_broker_finds_too_large_is_told(waker: Waker, tmp_path: Path) -> None:
    with running(tmp_path, "max_packet_size 200") as broker:
        connection = link(broker.port, waker)
        connection.open(lambda: False)
        connection.publish(Outgoing("auther/door1/access", b"x" * 500))
        with pytest.raises(LinkError, match=r"(?i)packet too large"):
            drive(connection)
        connection.close()


def test_a_waker_ends_a_wait_from_another_thread(waker: Waker, tmp_path: Path) -> None:
    with running(tmp_path) as broker:
        connection = link(broker.port, waker)
        connection.open(lambda: False)
        waiting = threading.Thread(target=lambda: connection.wait(60))
        waiting.start()
        waker.wake()
        waiting.join(10)
        assert not waiting.is_alive()
        connection.close()


def test_a_closed_waker_may_still_be_called() -> None:
    waker = Waker()
    for _ in range(10_000):
        waker.wake()  # a full pipe is as good as one byte
    waker.close()
    waker.wake()


def test_confirmations_are_counted(waker: Waker, tmp_path: Path) -> None:
    with running(tmp_path) as broker:
        connection = link(broker.port, waker)
        connection.open(lambda: False)
        mid = connection.publish(Outgoing("auther/door1/access", b"{}"))
        assert connection.room == 19

        def confirmed() -> bool:
            connection.wait(0.1)
            return any(ack.mid == mid for ack in connection.acknowledged())

        wait_until(confirmed, "the acknowledgement")
        assert connection.room == 20
        connection.close()
