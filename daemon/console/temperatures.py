"""The processor's temperature of the last day, for a chart; kept in memory, so it begins anew with the daemon."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from daemon.timestamps import to_iso

EVERY_SECONDS = 300.0
_DAY = 288


@dataclass(frozen=True)
class Reading:
    """Unix seconds and degrees."""

    at: float
    celsius: float

    @property
    def time(self) -> str:
        return to_iso(self.at)


class TemperatureLog:
    """Reads `sensor` each five minutes while `run` runs."""

    def __init__(self, *, sensor: Callable[[], float | None], clock: Callable[[], float] = time.time) -> None:
        self._sensor, self._clock = sensor, clock
        self._readings: deque[Reading] = deque(maxlen=_DAY)

    def between(self, since: float, until: float) -> Sequence[Reading]:
        """Those of that time, oldest first."""
        return [reading for reading in tuple(self._readings) if since <= reading.at < until]

    def take(self) -> None:
        """Note what the sensor says, if it says anything."""
        celsius = self._sensor()
        if celsius is not None:
            self._readings.append(Reading(self._clock(), celsius))

    def run(self, stop: threading.Event) -> None:
        """Until told to stop."""
        while True:
            self.take()
            if stop.wait(EVERY_SECONDS):
                return
