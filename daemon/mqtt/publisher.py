"""Tells the building: a thread that carries events and states to the broker and waits for nobody else."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from daemon.backoff import Backoff
from daemon.changes import Changes
from daemon.config.settings import Mqtt
from daemon.events import messages
from daemon.events.messages import DoorState
from daemon.events.outbox import Outbox, StoredEvent
from daemon.mqtt.client import topic
from daemon.mqtt.command_bus import CommandBus
from daemon.mqtt.drain import Drain
from daemon.mqtt.keeper import LinkKeeper
from daemon.mqtt.link import Ack, Link, Outgoing
from daemon.mqtt.slots import StateSlots

GOODBYE_SECONDS = 0.5
MAX_ANSWERS = 50

log = logging.getLogger(__name__)


class MqttPublisher:
    """Publishes what lies in the outbox, and the states of the terminal, for as long as it runs; passes commands on.

    The broker may be absent at the start and at any time later. `notify`, `publish_door` and `close` may be called from
    any thread and never wait for the network. `announce` is a retained message for the whole time (Home Assistant's
    discovery). Raises ConfigError at construction when the settings can't work.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        settings: Mqtt,
        device_id: str,
        commands: CommandBus | None = None,
        announce: Outgoing | None = None,
        clock: Callable[[], float] = time.time,
        backoff: Backoff | None = None,
    ) -> None:
        self._outbox, self._settings, self._device_id = outbox, settings, device_id
        self._commands, self._clock = commands, clock
        self._states = StateSlots()
        if announce is not None:
            self._states.put(announce)
        self._connected = threading.Event()
        self._refusals = Changes(quiet_seconds=3600)
        self._keeper = LinkKeeper(
            name="mqtt",
            log=log,
            settings=settings,
            device_id=device_id,
            serve=self._visit,
            left=self._connected.clear,
            waiting="events wait on disk",
            backoff=backoff,
        )

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted this terminal and is not known to be gone."""
        return self._connected.is_set()

    def start(self) -> None:
        """Begin; returns at once."""
        self._keeper.start()

    def notify(self) -> None:
        """There is something new in the outbox."""
        self._keeper.wake()

    def publish_door(self, state: DoorState) -> None:
        """Make this the retained state of the door; of states that come faster than the broker, the last one counts."""
        payload = messages.plain(messages.door_payload(state, device_id=self._device_id))
        self._states.put(Outgoing(self._topic("door"), payload, retain=True))
        self._keeper.wake()

    def close(self) -> None:
        """Say `offline` to the broker if it is there, and end; returns within 2 s whatever the broker does.

        A thread that is stuck in a name look-up or a TLS handshake is left behind: it ends by itself and no longer
        touches the outbox.
        """
        self._keeper.close()

    def _visit(self, link: Link) -> None:
        self._greet(link)
        self._serve(link)
        self._say_goodbye(link)

    def _greet(self, link: Link) -> None:
        # In this order: who sees `online` may give commands.
        if self._commands is not None:
            link.subscribe(self._commands.topics)
        link.publish(self._status(messages.ONLINE))
        self._connected.set()
        self._states.repeat()

    def _serve(self, link: Link) -> None:
        drain = Drain(outbox=self._outbox, send=lambda event: link.publish(self._event(event)))
        # A sender that floods while the broker does not confirm must not fill the memory: the oldest answers go.
        answers: deque[Outgoing] = deque(maxlen=MAX_ANSWERS)
        next_health = time.monotonic()
        while not self._keeper.stopping:
            if self._commands is not None and time.monotonic() >= next_health:
                answers.append(self._health(self._commands))
                next_health = time.monotonic() + self._settings.health_seconds
            for state in self._states.take(link.room):
                link.publish(state)
            # Half of the room, so that commands can't keep events from their way.
            for _ in range(min(len(answers), (link.room + 1) // 2)):
                link.publish(answers.popleft())
            drain.fill(link.room)
            link.wait(1.0)
            acks = link.acknowledged()
            drain.settle(acks)
            self._tell_of(acks)
            answers.extend(self._obey(link))

    def _obey(self, link: Link) -> Iterator[Outgoing]:
        for message in link.received():
            if self._commands is not None and (answer := self._commands.handle(message)) is not None:
                yield answer

    def _say_goodbye(self, link: Link) -> None:
        mid = link.publish(self._status(messages.OFFLINE))
        deadline = time.monotonic() + GOODBYE_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            link.wait(left)
            if any(ack.mid == mid for ack in link.acknowledged()):
                break

    def _health(self, commands: CommandBus) -> Outgoing:
        payload = messages.health_payload(
            commands.health(),
            device_id=self._device_id,
            at=self._clock(),
            unconfirmed=self._outbox.unconfirmed,
            lost=self._outbox.lost,
        )
        return Outgoing(self._topic("health"), messages.plain(payload), expiry=int(2 * self._settings.health_seconds))

    def _event(self, event: StoredEvent) -> Outgoing:
        payload = messages.wire(event, published=self._clock())
        user = {"event_id": event.event_id, "seq": str(event.seq), "schema": str(messages.SCHEMA)}
        return Outgoing(self._topic(event.topic), payload, expiry=self._settings.event_expiry_seconds, user=user)

    def _status(self, word: bytes) -> Outgoing:
        return Outgoing(self._topic("status"), word, retain=True, content_type="text/plain")

    def _topic(self, name: str) -> str:
        return topic(self._settings, self._device_id, name)

    def _tell_of(self, acks: list[Ack]) -> None:
        if not acks:
            return
        self._keeper.tell(logging.INFO, f"connected to {self._settings.host}:{self._settings.port}")
        refusals = sorted({ack.refusal for ack in acks if ack.refusal is not None})
        if self._refusals.news(", ".join(refusals)) and refusals:
            log.warning(
                "mqtt: the broker refuses messages: %s; check its ACL; events stay on disk", ", ".join(refusals)
            )
