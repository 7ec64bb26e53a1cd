"""Retained states on their way to the broker: of each topic only the newest counts."""

import threading

from daemon.mqtt.link import Outgoing


class StateSlots:
    """The newest message of each topic, and which of them the broker has not been handed. Any thread may call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._newest: dict[str, Outgoing] = {}
        self._waiting: set[str] = set()

    def put(self, message: Outgoing) -> None:
        """Replace what the topic said before."""
        with self._lock:
            self._newest[message.topic] = message
            self._waiting.add(message.topic)

    def take(self, limit: int) -> list[Outgoing]:
        """At most `limit` of what changed and was not taken."""
        with self._lock:
            topics = [topic for topic in self._newest if topic in self._waiting][:limit]
            self._waiting.difference_update(topics)
            return [self._newest[topic] for topic in topics]

    def repeat(self) -> None:
        """Let `take` answer everything again: the broker is another one, or has forgotten."""
        with self._lock:
            self._waiting = set(self._newest)
