"""What the commands of the building do at this terminal."""

import threading
import time
from collections.abc import Callable, Mapping

from daemon.door.runner import DoorRunner
from daemon.enrolment.while_watching import LiveEnrolment
from daemon.errors import AutherError
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.events.log import EventLog
from daemon.storage.people import check_person_id


class TerminalCommands:
    """Carries out admitted commands; each method returns at once and raises AutherError when it can't be done."""

    def __init__(
        self,
        *,
        door: DoorRunner,
        enrolment: LiveEnrolment,
        events: EventLog,
        health: Callable[[], Mapping[str, object]],
        check_configuration: Callable[[], None],
        reload: threading.Event,
        stop: threading.Event,
    ) -> None:
        self._door, self._enrolment, self._events, self._health = door, enrolment, events, health
        self._check_configuration, self._reload, self._stop = check_configuration, reload, stop

    def unlock(self, seconds: int | None) -> None:
        """Raises DoorError in a lockdown or for too long a time."""
        self._door.unlock(seconds)

    def lock(self) -> None:
        self._door.lock()

    def lockdown(self, *, on: bool) -> None:
        self._door.lockdown(on=on)

    def enrol(self, person_id: str, seconds: int) -> None:
        """The next clear face at the camera becomes that person, if it comes within `seconds`.

        How it ended is told as an event. Raises PersonIdError.
        """
        check_person_id(person_id)
        threading.Thread(target=self._enrol, args=(person_id, seconds), name="enrolment", daemon=True).start()

    def reload(self) -> None:
        """Start anew with the file as it is now. Raises ConfigError, and runs on, when the file is wrong."""
        self._check_configuration()
        self._reload.set()
        self._stop.set()

    def _enrol(self, person_id: str, seconds: int) -> None:
        try:
            self._enrolment.enrol(person_id, seconds=seconds, replace=False)
        except AutherError as error:
            outcome, detail = EventType.ENROLMENT_FAILED, f"{person_id}: {error}"
        else:
            outcome, detail = EventType.ENROLLED, person_id
        self._events.tell_event(DoorEvent(outcome, time.monotonic(), detail=detail))

    def health(self) -> Mapping[str, object]:
        return self._health()
