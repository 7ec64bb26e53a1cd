"""How the camera is, in one word, with since when and what to do."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.timestamps import to_iso

log = logging.getLogger(__name__)


class CameraState(str, Enum):
    """The values are part of the MQTT and REST contract."""

    OK = "ok"
    OPENING = "opening"
    ABSENT = "absent"
    STALLED = "stalled"
    FROZEN = "frozen"
    BLACK = "black"
    WRONG_SIZE = "wrong_size"
    HUNTING = "hunting"
    DARK = "dark"
    BRIGHT = "bright"


BLIND = frozenset({CameraState.OPENING, CameraState.ABSENT, CameraState.STALLED, CameraState.FROZEN, CameraState.BLACK})
"""States in which nobody can be recognised."""

# It is dark every night, and bright when the sun stands in the door: health tells it, and nobody is called.
_QUIET = frozenset({CameraState.OK, CameraState.OPENING, CameraState.DARK, CameraState.BRIGHT})

ADVICE: Mapping[CameraState, str] = MappingProxyType(
    {
        CameraState.OK: "",
        CameraState.OPENING: "wait: the camera is being opened",
        CameraState.FROZEN: "the same picture comes again and again: power the camera off and on",
        CameraState.BLACK: "the picture is black: take the cap off, give it light, check the ribbon or cable",
        CameraState.HUNTING: "the brightness swings: fix the exposure, or keep lamps and the sky out of view",
        CameraState.DARK: "the picture is very dark: add light, or an infrared lamp and a camera without its filter",
        CameraState.BRIGHT: "the picture is nearly white: keep lamps and the sun out of view, or lower the exposure",
    }
)


@dataclass(frozen=True)
class CameraHealth:
    """`since` is the Unix time in seconds at which the state began; `advice` is empty when all is well."""

    state: CameraState
    since: float
    advice: str

    @property
    def blind(self) -> bool:
        return self.state in BLIND

    @property
    def blind_for_good(self) -> bool:
        """Blind, and not because it is just being opened."""
        return self.blind and self.state is not CameraState.OPENING

    def told(self) -> dict[str, object]:
        """As the building reads it."""
        return {"state": self.state.value, "since": to_iso(self.since), "advice": self.advice}


class CameraStanding:
    """Remembers how the camera is and tells each change once: as an alarm where somebody has to come, else to the log.

    One thread sets it; any may read `health`.
    """

    def __init__(
        self,
        *,
        tell: Callable[[DoorEvent], None],
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._tell, self._clock, self._wall = tell, clock, wall
        self._failed_at: float | None = None
        self._health = CameraHealth(CameraState.OPENING, wall(), ADVICE[CameraState.OPENING])

    @property
    def health(self) -> CameraHealth:
        return self._health

    def set(self, state: CameraState, advice: str | None = None) -> None:
        """The camera is so now; without `advice`, what is usual for the state."""
        before = self._health
        text = ADVICE[state] if advice is None else advice
        if state is before.state:
            return
        self._health = CameraHealth(state, self._wall(), text)
        if state not in _QUIET and self._failed_at is None:
            self._failed_at = self._health.since
            self._tell(DoorEvent(EventType.CAMERA_FAILED, self._clock(), detail=f"{state.value}: {text}"))
        elif state is CameraState.OK and self._failed_at is not None:
            seconds, self._failed_at = self._health.since - self._failed_at, None
            told = f"after {seconds:.0f} s; last it was {before.state.value}"
            self._tell(DoorEvent(EventType.CAMERA_RESTORED, self._clock(), detail=told))
        else:
            level = logging.INFO if state is CameraState.OK else logging.WARNING
            log.log(level, "camera: %s", ": ".join(filter(None, (state.value, text))))
