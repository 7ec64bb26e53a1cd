"""How many frames are worth the networks' time: few while nothing moves, all of them when somebody may be there."""

from hw.motion import Motion
from hw.picture_health import Sample

# Cameras don't keep their rate to the millisecond.
TOLERANCE = 0.8


class Attention:
    """Wants every frame for `hold_seconds` after motion or a face, else `idle_fps` a second (0: always every frame).

    The first frame that shows motion is wanted itself: nobody who comes waits for the next idle one. Times are the
    frames' own, monotonic seconds.
    """

    def __init__(self, *, idle_fps: float, hold_seconds: float) -> None:
        self._pause = TOLERANCE / idle_fps if idle_fps else 0.0
        self._hold = hold_seconds
        self._motion = Motion()
        self._awake_until = 0.0
        self._last = 0.0

    def wants(self, picture: Sample, at: float) -> bool:
        """Whether the frame taken at `at` is to go to the networks."""
        if self._motion.update(picture):
            self._awake_until = max(self._awake_until, at + self._hold)
        if at > self._awake_until and at - self._last < self._pause:
            return False
        self._last = at
        return True

    def saw_face(self, at: float) -> None:
        """A face was found in the frame taken at `at`; may be called from another thread."""
        self._awake_until = max(self._awake_until, at + self._hold)
