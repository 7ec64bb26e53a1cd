"""Several who hear what happens at the door."""

from collections.abc import Sequence

from daemon.door.runner import DoorListener
from daemon.events.door_changes import DoorEvent
from daemon.types import Decision


class Listeners:
    """Passes all on, in the order given; whoever is told returns at once."""

    def __init__(self, listeners: Sequence[DoorListener]) -> None:
        self._listeners = tuple(listeners)

    def tell(self, decision: Decision, driven: float | None = None) -> None:
        for listener in self._listeners:
            listener.tell(decision, driven)

    def tell_event(self, event: DoorEvent) -> None:
        for listener in self._listeners:
            listener.tell_event(event)

    def tell_door(self, *, locked: bool, lockdown: bool, is_open: bool | None) -> None:
        for listener in self._listeners:
            listener.tell_door(locked=locked, lockdown=lockdown, is_open=is_open)
