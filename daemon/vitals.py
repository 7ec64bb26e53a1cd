"""How the terminal is: what its threads report, asked by health, status and metrics. Nothing here ever waits."""

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from daemon.messages import DoorState
from hw.camera import Frame

FRAMES = 30
STALLED_SECONDS = 5.0
THERMAL_ZONES = Path("/sys/class/thermal")


class Vitals:
    """Gathers the pulse of camera and vision, and the state of the door. Any thread may call any method."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._captured: deque[float] = deque(maxlen=FRAMES)
        self._seen_at: float | None = None
        self.started = wall()
        self.frames = 0
        self.door: DoorState | None = None

    def saw(self, frame: Frame) -> None:
        """A frame has reached the networks."""
        self.frames += 1
        self._captured.append(frame.captured)
        self._seen_at = self._clock()

    def tell_door(self, state: DoorState) -> None:
        """The door stands so now."""
        self.door = state

    @property
    def fps(self) -> float:
        """Frames a second that reach the networks, over the last 30; 0 when none came for a while."""
        captured = tuple(self._captured)
        if self.stalled or len(captured) < 2 or captured[-1] <= captured[0]:
            return 0.0
        return (len(captured) - 1) / (captured[-1] - captured[0])

    @property
    def stalled(self) -> bool:
        """No frame reached the networks for a while."""
        return self._seen_at is None or self._clock() - self._seen_at > STALLED_SECONDS


def temperature_c(zones: Path = THERMAL_ZONES) -> float | None:
    """The hottest of the machine's sensors, °C; None where there is none."""
    readings: list[float] = []
    for sensor in sorted(zones.glob("thermal_zone*/temp")):
        try:
            readings.append(int(sensor.read_text(encoding="ascii")) / 1000)
        except (OSError, ValueError):
            continue
    return max(readings, default=None)
