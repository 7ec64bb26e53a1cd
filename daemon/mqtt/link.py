"""One connection to the broker, from CONNECT to its end; the next one is another `Link`."""

import contextlib
import logging
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from daemon.mqtt.client import CONNECT_TIMEOUT_SECONDS, properties

KEEPALIVE_SECONDS = 30
RECEIVE_MAXIMUM = 20
MOST_BYTES = 512 * 1024
"""Twice what another terminal tells of a person. A broker keeps larger packets back (MQTT 5, 3.1.2.11.4); to one that
speaks 3.1.1 it can't be said.
"""

log = logging.getLogger(__name__)


class LinkError(Exception):
    """The connection could not be made or is gone; the message says why and what to look at."""


@dataclass(frozen=True)
class Ack:
    """The broker's answer to a message: `refusal` is None, or why it did not take it (MQTT 5 only)."""

    mid: int
    refusal: str | None


@dataclass(frozen=True)
class Incoming:
    """A message from the broker; `expiry` is what is left of its time in seconds, `received` is monotonic seconds."""

    topic: str
    payload: bytes
    retained: bool
    expiry: int | None
    correlation: bytes | None
    received: float


@dataclass(frozen=True)
class Outgoing:
    """A message for the broker, QoS 1. What lies below `retain` travels with MQTT 5 only; `expiry` is in seconds."""

    topic: str
    payload: bytes
    retain: bool = False
    content_type: str = "application/json"
    expiry: int | None = None
    correlation: bytes | None = None
    user: Mapping[str, str] | None = None


class Waker:
    """Ends a wait from another thread, without blocking either."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._lock = threading.Lock()

    def wake(self) -> None:
        with self._lock:
            if self._writer.fileno() != -1:
                with contextlib.suppress(BlockingIOError):
                    self._writer.send(b"\0")

    def clear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._reader.recv(4096)

    def fileno(self) -> int:
        return self._reader.fileno()

    def close(self) -> None:
        with self._lock:
            self._reader.close()
            self._writer.close()


class Link:
    """Drives a paho client in the calling thread: nothing here runs unless one of its methods is being called."""

    def __init__(self, *, client: Client, host: str, port: int, waker: Waker) -> None:
        self._client, self._host, self._port, self._waker = client, host, port, waker
        self._connack: ReasonCode | None = None
        self._end: str | None = None
        self._acks: list[Ack] = []
        self._incoming: list[Incoming] = []
        self._unconfirmed = 0
        self._limit = RECEIVE_MAXIMUM
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_subscribe = self._on_subscribe

    def open(self, stopped: Callable[[], bool]) -> None:
        """Connect and wait for the broker's word, 5 s for each; returns early when `stopped()`. Raises LinkError."""
        try:
            if self._client.protocol == MQTTv5:
                most = properties(PacketTypes.CONNECT, MaximumPacketSize=MOST_BYTES)
                self._client.connect(self._host, self._port, KEEPALIVE_SECONDS, clean_start=True, properties=most)
            else:
                self._client.connect(self._host, self._port, KEEPALIVE_SECONDS)
        except ssl.SSLCertVerificationError as error:
            raise self._error(f"its certificate is not trusted: {error.verify_message}; check mqtt.ca_file") from error
        except (OSError, ssl.SSLError) as error:
            raise self._error(f"{error}; check mqtt.host, mqtt.port and that the broker runs") from error
        if isinstance(sock := self._client.socket(), socket.socket):
            # Small messages one after the other would each wait for the other side's delayed acknowledgement.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        deadline = time.monotonic() + CONNECT_TIMEOUT_SECONDS
        while self._connack is None and not stopped():
            if time.monotonic() > deadline:
                raise self._error("it accepts connections but does not speak MQTT; check mqtt.port and TLS")
            self.wait(0.5)

    def wait(self, timeout: float) -> None:
        """Send and receive what there is, for at most `timeout` seconds or until the waker. Raises LinkError."""
        sock = self._client.socket()
        if sock is None:
            raise self._lost()
        if isinstance(sock, ssl.SSLSocket) and sock.pending():
            timeout = 0.0
            self._read()
        with selectors.PollSelector() as selector:
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._client.want_write() else 0)
            selector.register(sock, wanted)
            selector.register(self._waker, selectors.EVENT_READ)
            ready = {key.fileobj: events for key, events in selector.select(timeout)}
        if self._waker in ready:
            self._waker.clear()
        if ready.get(sock, 0) & selectors.EVENT_READ:
            self._read()
        if ready.get(sock, 0) & selectors.EVENT_WRITE:
            self._client.loop_write()
        self._client.loop_misc()
        if self._client.socket() is None:
            raise self._lost()

    @property
    def room(self) -> int:
        """How many messages may be published before the broker has to confirm one (MQTT 5, 3.2.2.3.3)."""
        return max(0, self._limit - self._unconfirmed)

    def publish(self, message: Outgoing) -> int:
        """Hand a message to the connection; answers the number that its `Ack` will carry. Raises LinkError."""
        info = self._client.publish(
            message.topic, message.payload, qos=1, retain=message.retain, properties=self._properties(message)
        )
        if info.rc not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_AGAIN):
            raise self._lost()
        self._unconfirmed += 1
        return info.mid

    def subscribe(self, topics: list[str], *, own: bool = False) -> None:
        """Ask for messages on these topics; a retained one keeps its mark, also when it is published just now.

        The broker passes on what this connection itself publishes there only with `own`, or when it speaks 3.1.1.
        """
        if self._client.protocol == MQTTv5:
            options = SubscribeOptions(qos=1, noLocal=not own, retainAsPublished=True)
            self._client.subscribe([(name, options) for name in topics])
        else:
            self._client.subscribe([(name, 1) for name in topics])

    def acknowledged(self) -> list[Ack]:
        """The broker's answers since the last call."""
        acks, self._acks = self._acks, []
        return acks

    def received(self) -> list[Incoming]:
        """The messages since the last call."""
        incoming, self._incoming = self._incoming, []
        return incoming

    def disconnect(self) -> None:
        """Take leave in order: the broker then forgets the will."""
        self._client.disconnect()

    def close(self) -> None:
        """Close the socket; without `disconnect` before, the broker publishes the will."""
        sock = self._client.socket()
        if sock is not None:
            sock.close()

    def _read(self) -> None:
        self._client.loop_read()

    def _properties(self, message: Outgoing) -> Properties | None:
        if self._client.protocol != MQTTv5:
            return None
        return properties(
            PacketTypes.PUBLISH,
            ContentType=message.content_type,
            MessageExpiryInterval=message.expiry,
            CorrelationData=message.correlation,
            UserProperty=list(message.user.items()) if message.user else None,
        )

    def _error(self, why: str) -> LinkError:
        return LinkError(f"broker {self._host}:{self._port}: {why}")

    def _lost(self) -> LinkError:
        if self._connack is not None and self._connack.is_failure:
            return self._error(
                f"it refuses this terminal: {self._connack}; check mqtt.username, the password and its ACL"
            )
        return self._error(self._end or "the connection is lost")

    def _on_connect(self, _c: Client, _u: Any, _f: ConnectFlags, reason: ReasonCode, given: Properties | None) -> None:
        self._connack = reason
        self._limit = min(RECEIVE_MAXIMUM, getattr(given, "ReceiveMaximum", RECEIVE_MAXIMUM))

    def _on_disconnect(
        self, _c: Client, _u: Any, flags: DisconnectFlags, reason: ReasonCode, _p: Properties | None
    ) -> None:
        who = "the broker ended the connection" if flags.is_disconnect_packet_from_server else "the connection is lost"
        # paho's word for a socket that was closed without a reason.
        self._end = who if str(reason) == "Unspecified error" else f"{who}: {reason}"

    def _on_publish(self, _c: Client, _u: Any, mid: int, reason: ReasonCode, _p: Properties | None) -> None:
        self._unconfirmed -= 1
        self._acks.append(Ack(mid, str(reason) if reason.is_failure else None))

    def _on_subscribe(self, _c: Client, _u: Any, _m: int, reasons: list[ReasonCode], _p: Properties | None) -> None:
        for refusal in {str(reason) for reason in reasons if reason.is_failure}:
            log.warning("mqtt: the broker refuses a subscription: %s; check its ACL", refusal)

    def _on_message(self, _c: Client, _u: Any, message: MQTTMessage) -> None:
        expiry = getattr(message.properties, "MessageExpiryInterval", None)
        correlation = getattr(message.properties, "CorrelationData", None)
        self._incoming.append(
            Incoming(message.topic, bytes(message.payload), message.retain, expiry, correlation, time.monotonic())
        )
