"""Tells the building: a thread that carries events and states to the broker and waits for nobody else."""

import logging
import threading
import time
from collections.abc import Callable

from daemon import messages
from daemon.backoff import Backoff
from daemon.config import Mqtt
from daemon.errors import AutherError
from daemon.messages import DoorState
from daemon.mqtt_client import build_client, topic
from daemon.mqtt_drain import Drain
from daemon.mqtt_link import Link, LinkError, Outgoing, Waker
from daemon.outbox import Outbox, StoredEvent

STABLE_SECONDS = 30.0
GOODBYE_SECONDS = 0.5
JOIN_SECONDS = 1.5

log = logging.getLogger(__name__)


class MqttPublisher:
    """Publishes what lies in the outbox, and the states of the terminal, for as long as it runs.

    The broker may be absent at the start and at any time later. `notify`, `publish_door` and `close` may be called from
    any thread and never wait for the network. Raises ConfigError at construction when the settings can't work.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        settings: Mqtt,
        device_id: str,
        clock: Callable[[], float] = time.time,
        backoff: Backoff | None = None,
    ) -> None:
        build_client(settings, device_id)
        self._outbox, self._settings, self._device_id, self._clock = outbox, settings, device_id, clock
        self._backoff = backoff or Backoff()
        self._waker = Waker()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._states: dict[str, Outgoing] = {}
        self._changed: set[str] = set()
        self._reported: str | None = None
        self.connected = False
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def notify(self) -> None:
        """There is something new in the outbox."""
        self._waker.wake()

    def publish_door(self, state: DoorState) -> None:
        """Make this the retained state of the door; of states that come faster than the broker, the last one counts."""
        payload = messages.plain(messages.door_payload(state, device_id=self._device_id))
        self._set_state("door", Outgoing(self._topic("door"), payload, retain=True))

    def close(self) -> None:
        """Say `offline` to the broker if it is there, and end; returns within 2 s whatever the broker does.

        A thread that is stuck in a name look-up is left behind: it ends by itself without touching the outbox.
        """
        self._stop.set()
        self._waker.wake()
        if self._thread.ident is not None:
            self._thread.join(JOIN_SECONDS)
        if not self._thread.is_alive():
            self._waker.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            started = time.monotonic()
            try:
                self._session()
            except (LinkError, AutherError) as error:
                self._report(f"{error}; events wait on disk")
            except Exception:
                log.exception("mqtt: unexpected failure; trying again")
            self.connected = False
            if time.monotonic() - started > STABLE_SECONDS:
                self._backoff.reset()
            self._stop.wait(self._backoff.next())

    def _session(self) -> None:
        client = build_client(self._settings, self._device_id)
        link = Link(client=client, host=self._settings.host, port=self._settings.port, waker=self._waker)
        try:
            link.open(self._stop.is_set)
            if not self._stop.is_set():
                self._serve(link)
        finally:
            link.close()

    def _serve(self, link: Link) -> None:
        self._report(None)
        self.connected = True
        link.publish(self._status(messages.ONLINE))
        with self._lock:
            self._changed = set(self._states)
        drain = Drain(outbox=self._outbox, send=lambda event: link.publish(self._event(event)), window=link.window)
        while not self._stop.is_set():
            self._send_states(link)
            drain.fill()
            link.wait(1.0)
            if (refusal := drain.settle(link.acknowledged())) is not None:
                log.warning("mqtt: the broker refuses an event: %s; check its ACL; it will be offered again", refusal)
        self._say_goodbye(link)

    def _say_goodbye(self, link: Link) -> None:
        mid = link.publish(self._status(messages.OFFLINE))
        deadline = time.monotonic() + GOODBYE_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            link.wait(left)
            if any(ack.mid == mid for ack in link.acknowledged()):
                break
        link.disconnect()

    def _send_states(self, link: Link) -> None:
        with self._lock:
            changed = [self._states[name] for name in sorted(self._changed)]
            self._changed.clear()
        for message in changed:
            link.publish(message)

    def _set_state(self, name: str, message: Outgoing) -> None:
        with self._lock:
            self._states[name] = message
            self._changed.add(name)
        self._waker.wake()

    def _event(self, event: StoredEvent) -> Outgoing:
        payload = messages.wire(event, published=self._clock())
        user = {"event_id": event.event_id, "seq": str(event.seq), "schema": str(messages.SCHEMA)}
        return Outgoing(self._topic(event.topic), payload, expiry=self._settings.event_expiry_seconds, user=user)

    def _status(self, word: bytes) -> Outgoing:
        return Outgoing(self._topic("status"), word, retain=True, content_type="text/plain")

    def _topic(self, name: str) -> str:
        return topic(self._settings, self._device_id, name)

    def _report(self, problem: str | None) -> None:
        """Log a change of the connection, once: the same failure at every attempt is no news."""
        if problem is None:
            log.info("mqtt: connected to %s:%d", self._settings.host, self._settings.port)
        elif problem != self._reported:
            log.warning("mqtt: %s", problem)
        self._reported = problem
