"""Asks the camera to expose for the face that is looked at."""

import time
from collections.abc import Callable

from hw.camera import Frame, Region
from models.detector import Face

PAUSE_SECONDS = 0.3
FORGET_SECONDS = 10.0
STEP = 4


class FaceMetering:
    """Tells the camera where the face is and how bright, a few times a second, and after a while without one that it is
    gone; `meter` must return at once.
    """

    def __init__(
        self, *, meter: Callable[[Region | None, float], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._meter, self._clock = meter, clock
        self._last: float | None = None

    def saw(self, frame: Frame, face: Face | None) -> None:
        """The face was found in the frame, or none; boxes may reach beyond it."""
        now = self._clock()
        if self._last is not None and now - self._last < PAUSE_SECONDS:
            return
        region = None if face is None else _within(frame, face)
        if region is not None:
            self._last = now
            self._meter(region, _luma(frame, region))
        elif self._last is not None and now - self._last > FORGET_SECONDS:
            self._last = None
            self._meter(None, 0.0)


def _within(frame: Frame, face: Face) -> Region | None:
    height, width = frame.image.shape[:2]
    left, top = max(0, round(face.box.left)), max(0, round(face.box.top))
    right = min(width, round(face.box.left + face.box.width))
    bottom = min(height, round(face.box.top + face.box.height))
    return Region(left, top, right - left, bottom - top) if right - left >= STEP and bottom - top >= STEP else None


def _luma(frame: Frame, region: Region) -> float:
    # Green stands for luma, as in the picture's health.
    right, bottom = region.left + region.width, region.top + region.height
    return float(frame.image[region.top : bottom : STEP, region.left : right : STEP, 1].mean())
