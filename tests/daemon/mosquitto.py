"""A real mosquitto for the tests, and a subscriber that writes down what it gets."""

import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from daemon.mqtt.client import properties
from tests.ports import free_port

DEADLINE_SECONDS = 20.0


def wait_until(condition: Callable[[], bool], what: str, deadline: float = DEADLINE_SECONDS) -> None:
    """Poll for something that another process does; fails naming `what` when it doesn't happen."""
    end = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {deadline:g} s"
        time.sleep(0.005)


def property_of(message: MQTTMessage, name: str) -> Any:
    """An MQTT 5 property; None when the message has none of that name."""
    return getattr(message.properties, name, None)


def require_mosquitto() -> str:
    """The broker's program; skips without it, but not where CI promises to have it."""
    return _require("mosquitto")


def require_mosquitto_passwd() -> str:
    """The program that writes its password file, likewise."""
    return _require("mosquitto_passwd")


def _require(program: str) -> str:
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{program} is not installed; continuous integration must test against it")
        pytest.skip(f"{program} is not installed (apt-get install mosquitto)")
    return found


class Mosquitto:
    """A broker on a loopback port of its own; `lines` are added to its configuration."""

    def __init__(self, folder: Path, *lines: str, anonymous: bool = True) -> None:
        self.port = free_port()
        self._program = require_mosquitto()
        self._conf = folder / "mosquitto.conf"
        self._log = folder / "mosquitto.log"
        start = [f"listener {self.port} 127.0.0.1", f"allow_anonymous {'true' if anonymous else 'false'}"]
        # Started by root it would become another user, who can't read the test's folder; otherwise `user` says nothing.
        self._conf.write_text("\n".join([*start, "user root", "max_queued_messages 0", *lines]) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert self._process is None
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([self._program, "-c", self._conf, "-v"], stdout=log, stderr=log)
        wait_until(self._listens, f"mosquitto on port {self.port}")

    def stop(self, *, kill: bool = False) -> None:
        if self._process is not None:
            self._process.kill() if kill else self._process.terminate()
            self._process.wait(DEADLINE_SECONDS)
            self._process = None

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def _listens(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def running(folder: Path, *lines: str, anonymous: bool = True) -> Iterator[Mosquitto]:
    broker = Mosquitto(folder, *lines, anonymous=anonymous)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop(kill=True)


class Watcher:
    """A subscriber with a session of its own that survives the broker's restarts as a building's server would."""

    def __init__(
        self,
        port: int,
        pattern: str = "#",
        *,
        ca: str | None = None,
        username: str | None = None,
        password: str | None = None,
        session: str = "",
    ) -> None:
        self.messages: list[MQTTMessage] = []
        self._pattern = pattern
        self._ready = threading.Event()
        self._reading = threading.Event()
        self._reading.set()
        self.client = Client(CallbackAPIVersion.VERSION2, client_id=session, protocol=MQTTv5)
        if ca is not None:
            self.client.tls_set(ca)
        if username is not None:
            self.client.username_pw_set(username, password)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: self._ready.set()
        self.client.on_message = self._on_message
        kept = properties(PacketTypes.CONNECT, SessionExpiryInterval=600) if session else None
        # mosquitto 2.0.11 does not save a session that was begun with a clean start.
        self.client.connect("127.0.0.1", port, clean_start=not session, properties=kept)
        self.client.loop_start()
        assert self._ready.wait(DEADLINE_SECONDS), "the watcher could not subscribe"

    def pause(self) -> None:
        """Stop reading from the broker."""
        self._reading.clear()

    def resume(self) -> None:
        self._reading.set()

    def _on_message(self, _c: Client, _u: Any, message: MQTTMessage) -> None:
        self.messages.append(message)
        self._reading.wait()

    def _on_connect(self, client: Client, _u: Any, _f: ConnectFlags, _r: ReasonCode, _p: Properties | None) -> None:
        client.subscribe(self._pattern, options=SubscribeOptions(qos=1, retainAsPublished=True))

    def __enter__(self) -> "Watcher":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def on(self, topic: str) -> list[MQTTMessage]:
        return [message for message in list(self.messages) if message.topic == topic]

    def texts(self, topic: str) -> list[str]:
        return [message.payload.decode() for message in self.on(topic)]

    def values(self, topic: str) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.texts(topic)]
