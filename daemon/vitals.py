"""How the terminal is: what its threads report, asked by health, status and metrics. Nothing here ever waits."""

import time
from collections import deque
from collections.abc import Callable

from hw.camera import Frame

FRAMES = 30
STALLED_SECONDS = 5.0


class Vitals:
    """Gathers the pulse of camera and vision. Any thread may call any method."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._captured: deque[float] = deque(maxlen=FRAMES)
        self._seen_at: float | None = None
        self.started = wall()
        self.frames = 0

    def saw(self, frame: Frame) -> None:
        """A frame has reached the networks."""
        self.frames += 1
        self._captured.append(frame.captured)
        self._seen_at = self._clock()

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
