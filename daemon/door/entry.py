"""Who was granted and did not come in."""

from collections.abc import Callable

from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.types import Decision


class EntryWatch:
    """Hears the door's thread only, so that every decision that it hears was granted by the rules before.

    Of several granted in one pulse, one opened door stands for all of them. Whose pulse ended at a closed door did not
    come in, whatever ended it. Where no contact says so (there is none, or it is lost), they are believed to have come.
    """

    def __init__(self, *, left: Callable[[str], None]) -> None:
        self._left = left
        self._expected: list[tuple[str, float]] = []
        self._closed = False

    def tell(self, decision: Decision, driven: float | None = None) -> None:
        """A grant that the door refused, or a strike that could not be driven, lets nobody in."""
        if decision.person_id is None:
            return
        if decision.granted and driven is not None:
            self._expected.append((decision.person_id, driven))
        else:
            self._left(decision.person_id)

    def tell_event(self, event: DoorEvent) -> None:
        if event.type is EventType.OPENED:
            self._expected.clear()
        if event.type is not EventType.LOCKED:
            return
        # A grant that comes as a pulse ends is heard before that end, and is not meant by it.
        over = [person_id for person_id, driven in self._expected if driven < event.at]
        self._expected = [grant for grant in self._expected if grant[1] >= event.at]
        if self._closed:
            for person_id in over:
                self._left(person_id)

    def tell_door(self, *, locked: bool, lockdown: bool, is_open: bool | None) -> None:  # noqa: ARG002
        """The contact, as it stood before the events that are told next."""
        self._closed = is_open is False
