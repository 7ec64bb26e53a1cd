"""Between the thread that drains a live camera and the one that reads it: the newest frame, or why there is none."""

import threading

from hw.camera import Frame
from hw.errors import CameraError, CameraStalled

CAMERA_THREAD = "camera source"
"""Name of the thread that drains a live camera; one that hangs in a driver can't be ended."""


def hanging_sources() -> int:
    """How many threads that drain a camera run or hang in this process."""
    return sum(thread.name == CAMERA_THREAD for thread in threading.enumerate())


class NewestArrival:
    """Holds one frame; a newer one takes its place. `label` and `advice` are for messages."""

    def __init__(self, *, label: str, advice: str, timeout_seconds: float) -> None:
        self._label, self._advice, self._timeout = label, advice, timeout_seconds
        self._news = threading.Condition()
        self._newest: Frame | None = None
        self._failure: str | None = None
        self._begun = False
        self._stalled = False
        self._closing = False

    @property
    def closing(self) -> bool:
        return self._closing

    def offer(self, frame: Frame) -> None:
        with self._news:
            self._newest, self._begun = frame, True
            self._news.notify_all()

    def fail(self, what: str) -> None:
        """No frame will follow; the first reason counts."""
        self.refuse(f"{self._label}: {what}; {self._advice}")

    def refuse(self, message: str) -> None:
        """As `fail`, with a whole message."""
        with self._news:
            self._failure = self._failure or message
            self._news.notify_all()

    def stall(self) -> None:
        """The driver itself gave up waiting."""
        with self._news:
            self._stalled = True
            self._news.notify_all()

    def close(self) -> None:
        with self._news:
            self._closing = True
            self._news.notify_all()

    def take(self, *, opening_seconds: float = 0.0) -> Frame:
        """Wait for a frame that was not taken yet, for the first one `opening_seconds` longer.

        Raises CameraError when it failed, was closed or never began, CameraStalled when it began and stopped.
        """
        with self._news:
            timeout = self._timeout + (0.0 if self._begun else opening_seconds)
            self._news.wait_for(self._has_news, timeout)
            frame, self._newest = self._newest, None
            if self._closing:
                raise CameraError(f"{self._label}: the camera is closed; open a new one")
            if frame is not None:
                return frame
            if self._failure is not None and not self._stalled:
                raise CameraError(self._failure)
            kind = CameraStalled if self._begun else CameraError
            raise kind(f"{self._label}: no frame for {timeout:g} s; {self._advice}")

    def _has_news(self) -> bool:
        return self._newest is not None or self._failure is not None or self._stalled or self._closing
