"""Where events go once they are stored: the local reader, the broker, and the memory of a lockdown."""

from collections.abc import Callable, Mapping

from daemon.door.memory import MarkFile
from daemon.events.messages import DoorState, door_payload
from daemon.mqtt.publisher import MqttPublisher

Tell = Callable[[Mapping[str, object]], None]


class Outlets:
    """Hands each event on, on the thread that stored it; the broker is optional, and nobody waits for it.

    `keep` gets the decisions, for what is to be kept of them.
    """

    def __init__(self, *, tell: Tell, memory: MarkFile, device_id: str, keep: Tell = lambda _: None) -> None:
        self._tell, self._memory, self._device_id, self._keep = tell, memory, device_id, keep
        self._publisher: MqttPublisher | None = None

    def attach(self, publisher: MqttPublisher) -> None:
        """Also tell the broker; before the first event."""
        self._publisher = publisher

    def access(self, payload: Mapping[str, object]) -> None:
        """A stored decision."""
        self._pass_on("access", payload)
        self._keep(payload)

    def event(self, payload: Mapping[str, object]) -> None:
        """A stored event or alarm of the door."""
        self._pass_on("alarm" if "alarm" in payload else "happening", payload)

    def door(self, state: DoorState) -> None:
        """How the door stands now."""
        if state.lockdown is not self._memory.last:
            self._memory.save(state.lockdown)
        self._tell({"kind": "door", **door_payload(state, device_id=self._device_id)})
        if self._publisher is not None:
            self._publisher.publish_door(state)

    def _pass_on(self, kind: str, payload: Mapping[str, object]) -> None:
        self._tell({"kind": kind, **payload})
        if self._publisher is not None:
            self._publisher.notify()
