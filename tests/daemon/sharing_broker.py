"""A broker of a few lines in memory, with a clock that tests turn: for the sessions of many terminals at once."""

import random
import time
from collections import deque
from fnmatch import fnmatchcase
from pathlib import Path

from daemon.events.messages import Alarm
from daemon.mqtt.link import Ack, Incoming, Outgoing
from daemon.sharing.messages import SiteCodec
from daemon.sharing.people import SharedPeople
from daemon.sharing.repairs import Repairs
from daemon.sharing.session import DAY_MS, Pace, SharingSession, Tally
from daemon.sharing.site_key import SiteKey
from daemon.storage.store import Store
from tests.daemon.stores import open_store

SITE = SiteKey(key=bytes(range(100, 132)))
KEEP_DAYS = 400
FLOOD = 25


class Broker:
    """Keeps retained messages and passes messages on, in order; `now` is everybody's time in seconds."""

    def __init__(self) -> None:
        self.now = time.time()  # stores stamp with the real clock
        self.retained: dict[str, Outgoing] = {}
        self.wires: list[FakeWire] = []
        self.published = 0

    def publish(self, message: Outgoing, sender: "FakeWire | None" = None) -> None:
        self.published += 1
        if message.retain:
            if message.payload:
                self.retained[message.topic] = message
            else:
                self.retained.pop(message.topic, None)
        for wire in self.wires:
            wire.offer(message, own=wire is sender)


class FakeWire:
    """A connection to it.

    `refusal` is what it answers to people; `deaf`: markers don't come back; `full`: what comes by itself is dropped.
    """

    def __init__(self, broker: Broker) -> None:
        self.broker, self.refusal, self.deaf, self.full = broker, "", False, False
        self._filters: dict[str, bool] = {}
        self._incoming: deque[Incoming] = deque()
        self._acks: list[Ack] = []
        self._mid = 0
        broker.wires.append(self)

    @property
    def room(self) -> int:
        return 20

    def subscribe(self, topics: list[str], *, own: bool = False) -> None:
        for pattern in topics:
            self._filters[pattern] = own
            for topic, message in self.broker.retained.items():
                if fnmatchcase(topic, pattern.replace("+", "*")):
                    self._receive(message, retained=True)

    def publish(self, message: Outgoing) -> int:
        self._mid += 1
        refused = self.refusal if message.retain else ""
        self._acks.append(Ack(self._mid, refused or None))
        if not refused and not (self.deaf and not message.retain):
            self.broker.publish(message, self)
        return self._mid

    def wait(self, timeout: float) -> None:
        """Nothing is ever on its way."""

    def received(self) -> list[Incoming]:
        messages = list(self._incoming)
        self._incoming.clear()
        return messages

    def acknowledged(self) -> list[Ack]:
        acks, self._acks = self._acks, []
        return acks

    def offer(self, message: Outgoing, *, own: bool) -> None:
        matching = [
            wanted for name, wanted in self._filters.items() if fnmatchcase(message.topic, name.replace("+", "*"))
        ]
        if any(wanted or not own for wanted in matching) and not self.full:
            self._receive(message, retained=message.retain)

    def _receive(self, message: Outgoing, *, retained: bool) -> None:
        self._incoming.append(Incoming(message.topic, message.payload, retained, message.expiry, None, 0.0))


class Terminal:
    """A terminal of the site with a store on disk; `lead` is how far its clock is ahead of the broker's, in seconds."""

    def __init__(self, folder: Path, broker: Broker, name: str, *, site: SiteKey = SITE, lead: float = 0.0) -> None:
        self.name, self.site, self.lead, self._broker = name, site, lead, broker
        (folder / name).mkdir(exist_ok=True)
        self.store: Store = open_store(folder / name)
        self.alarms: list[tuple[Alarm, str]] = []
        self.tally = Tally()
        self.codec = SiteCodec(site=site, base_topic="auther")
        self.wire: FakeWire | None = None
        self.people = SharedPeople(
            store=self.store, site=site, device_id=name, max_skew_ms=300_000, clock=lambda: broker.now + self.lead
        )

    def connect(self) -> SharingSession:
        """Begin a session, as the sharing thread does."""
        completed = self.people.join()
        self.wire = FakeWire(self._broker)
        self.session = SharingSession(
            wire=self.wire,
            people=self.people,
            codec=self.codec,
            device_id=self.name,
            pace=Pace(KEEP_DAYS * DAY_MS, 86_400.0, flood=FLOOD),
            off_too_long=0 < completed < self.people.now_ms - KEEP_DAYS * DAY_MS,
            alarm=lambda kind, detail: self.alarms.append((kind, detail)),
            tally=self.tally,
            repairs=Repairs(uniform=random.Random(self.name).uniform),
            monotonic=lambda: self._broker.now,
        )
        return self.session

    def disconnect(self) -> None:
        if self.wire is not None:
            self._broker.wires.remove(self.wire)
            self.wire = None

    def topic(self, person_id: str) -> str:
        return self.codec.topic(self.site.person_hash(person_id))


def run(broker: Broker, *terminals: Terminal, seconds: float = 0.0) -> None:
    """Let the terminals do what there is to do, then let the time pass, in which they go on."""
    end = broker.now + seconds
    while True:
        for _ in range(40):
            for terminal in terminals:
                terminal.session.step()
        if broker.now >= end:
            return
        broker.now = min(broker.now + 5.0, end)


def ids(*terminals: Terminal) -> list[list[str]]:
    return [sorted(person.person_id for person in terminal.store.people()) for terminal in terminals]
