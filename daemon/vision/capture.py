"""What lies between the camera's thread and that of the networks: the newest frame and nothing else."""

import threading
from collections.abc import Callable

from hw.camera import Frame


class NewestFrame:
    """A slot for one frame. A new frame replaces an old one that nobody took; a taken frame is gone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._closed = False

    def put(self, frame: Frame, *, wait: bool) -> None:
        """Place a frame. With `wait`, only once the last one was taken, so that none is lost."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._frame is None or self._closed)
            self._frame = frame
            self._changed.notify_all()

    def take(self, timeout: float, *, or_when: Callable[[], bool] = lambda: False) -> Frame | None:
        """The newest frame, or None when none came within `timeout` seconds, the slot is closed and empty, or
        `or_when` holds; whoever makes that true calls `wake`.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None or self._closed or or_when(), timeout)
            frame, self._frame = self._frame, None
            self._changed.notify_all()
            return frame

    def wake(self) -> None:
        """Make a waiting `take` look at its `or_when`."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """No frame will follow; wakes everyone who waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def over(self) -> bool:
        """Closed, and the last frame was taken."""
        with self._changed:
            return self._closed and self._frame is None
