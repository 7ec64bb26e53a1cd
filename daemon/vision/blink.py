"""Blinks in the sequence of a track's eye openings."""

from collections import deque
from statistics import median

from daemon.types import Observation

# A blink lasts 0.1 to 0.4 s; the opening falls below half (Soukupová and Čech, CVWW 2016, on the eye aspect ratio).
_CLOSED = 0.6
_OPEN = 0.8
_MEMORY = 45
_MIN_SAMPLES = 8


class Blinks:
    """Counts blinks: the opening falls well below its usual value and comes back."""

    def __init__(self) -> None:
        self._openings: deque[float] = deque(maxlen=_MEMORY)
        self._closed = False
        self.count = 0

    def follow(self, observation: Observation, *, own: bool) -> None:
        """Take the next observation of a track, `own` where it shows the person whose blinks are counted.

        Elsewhere somebody else may stand: a blink that goes on there is none.
        """
        if own and observation.quality is not None:
            self.add(observation.quality.eye_opening)
        else:
            self._closed = False

    def add(self, opening: float) -> None:
        """Take the next frame's eye opening (height over width)."""
        if len(self._openings) >= _MIN_SAMPLES:
            usual = median(self._openings)
            if opening < _CLOSED * usual:
                self._closed = True
            elif self._closed and opening > _OPEN * usual:
                self._closed = False
                self.count += 1
        self._openings.append(opening)
