"""When the frames of a recording count as taken: paced like a camera, or as fast as they are wanted."""

import time
from collections.abc import Callable
from typing import Protocol

from hw.camera import Frame, Image

Clock = Callable[[], float]
Sleep = Callable[[float], object]


class Pace(Protocol):
    """Gives the monotonic time in seconds at which the next frame counts as taken, and may wait for it."""

    def next(self) -> float: ...


class RealTime:
    """Waits until a frame is due by the recording's own time.

    After a delay of more than one frame the schedule starts anew: the recording runs late instead of in a burst.
    """

    def __init__(self, *, fps: float, clock: Clock, sleep: Sleep) -> None:
        self._interval = 1 / fps
        self._clock = clock
        self._sleep = sleep
        self._due: float | None = None

    def next(self) -> float:
        now = self._clock()
        due = now if self._due is None else self._due + self._interval
        if now - due > self._interval:
            due = now
        if due > now:
            self._sleep(due - now)
        self._due = due
        return self._clock()


class MediaTime:
    """Never waits, yet frames are at least one frame interval apart, so that policy sees the recording's time."""

    def __init__(self, *, fps: float, clock: Clock) -> None:
        self._interval = 1 / fps
        self._clock = clock
        self._previous: float | None = None

    def next(self) -> float:
        now = self._clock()
        captured = now if self._previous is None else max(now, self._previous + self._interval)
        self._previous = captured
        return captured


def stamp(image: Image, *, captured: float, sequence: int, clock: Clock) -> Frame:
    """Make a frame of an image, which becomes read-only; its wall time is that of `captured` by `clock`."""
    image.setflags(write=False)
    return Frame(image=image, captured=captured, wall=time.time() + captured - clock(), sequence=sequence)
