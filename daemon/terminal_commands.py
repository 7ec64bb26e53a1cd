"""What the commands of the building do at this terminal."""

import threading
from collections.abc import Callable, Mapping

from daemon.door_runner import DoorRunner
from daemon.errors import AutherError


class TerminalCommands:
    """Carries out admitted commands; each method returns at once and raises AutherError when it can't be done."""

    def __init__(
        self,
        *,
        door: DoorRunner,
        health: Callable[[], Mapping[str, object]],
        check_configuration: Callable[[], None],
        reload: threading.Event,
        stop: threading.Event,
    ) -> None:
        self._door, self._health = door, health
        self._check_configuration, self._reload, self._stop = check_configuration, reload, stop

    def unlock(self, seconds: int | None) -> None:
        """Raises DoorError in a lockdown or for too long a time."""
        self._door.unlock(seconds)

    def lock(self) -> None:
        self._door.lock()

    def lockdown(self, *, on: bool) -> None:
        self._door.lockdown(on=on)

    def enrol(self, person_id: str, seconds: int) -> None:
        """The next clear face at the camera becomes that person, if it comes within `seconds`."""
        raise AutherError(f"{person_id}: enrolment at the camera for {seconds} s is not possible at this terminal")

    def reload(self) -> None:
        """Start anew with the file as it is now. Raises ConfigError, and runs on, when the file is wrong."""
        self._check_configuration()
        self._reload.set()
        self._stop.set()

    def health(self) -> Mapping[str, object]:
        return self._health()
