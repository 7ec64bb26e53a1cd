"""A broker for the demonstration, and a subscriber that plays the building."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

START_SECONDS = 5.0

Heard = Callable[[str, dict[str, Any]], None]


def find_mosquitto() -> str | None:
    """The broker's program; Debian keeps it where a user's PATH doesn't look."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def running_broker(program: str, folder: Path, *, port: int | None = None) -> Iterator[int]:
    """A mosquitto that only this machine reaches, without encryption; gives its port, any free one unless given."""
    port = port or free_port()
    settings = folder / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest stdout\n")
    with (folder / "mosquitto.log").open("w") as log:
        broker = subprocess.Popen([program, "-c", str(settings)], stdout=log, stderr=log)
        try:
            _wait_for(port)
            yield port
        finally:
            broker.terminate()
            broker.wait(5)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def subscribed(port: int, pattern: str, heard: Heard) -> Iterator[None]:
    """Calls `heard(topic, payload)` from another thread for each JSON message until the context ends."""
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
    client.on_connect = lambda *_: client.subscribe(pattern, qos=1)
    client.on_message = lambda _client, _data, message: _pass_on(message.topic, message.payload, heard)
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        yield
    finally:
        client.disconnect()
        client.loop_stop()


def _pass_on(topic: str, payload: bytes, heard: Heard) -> None:
    with suppress(ValueError):  # the status is a bare word
        heard(topic, json.loads(payload))


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with closing(socket.socket()) as sock:
            if sock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit(f"mosquitto did not start listening on port {port} within {START_SECONDS:g} s")
