"""Devices without hardware, for demonstrations and tests: named in the configuration like real ones."""

import queue
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from hw.camera import Frame, Image
from hw.errors import CameraError, EndOfStream, LineError
from hw.lines import Edge
from hw.pacing import MediaTime, stamp

REMEMBERED = 10_000


class Switching(NamedTuple):
    """The line was driven at `time` (by the line's clock, seconds)."""

    time: float
    active: bool


class SimulatedOutputLine:
    """A line that remembers how it was driven, including inactive at opening and at closing."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._closed = False
        # A terminal may run on this for months.
        self._history: deque[Switching] = deque(maxlen=REMEMBERED)
        self._drive(False)

    @property
    def active(self) -> bool:
        return self._history[-1].active

    @property
    def history(self) -> tuple[Switching, ...]:
        """The newest 10,000 switchings, oldest first."""
        return tuple(self._history)

    def set(self, active: bool) -> None:
        """Raises LineError if the line is closed."""
        if self._closed:
            raise LineError("simulated line: closed; it can't be driven any more")
        self._drive(active)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._drive(False)

    def _drive(self, active: bool) -> None:
        self._history.append(Switching(self._clock(), active))


class SimulatedInputLine:
    """A line that reads what `drive` put on it, from any thread; inactive at first."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._active = False
        self._lost = False
        self._edges: queue.SimpleQueue[Edge | None] = queue.SimpleQueue()

    def drive(self, active: bool) -> None:
        """Change what the line reads, as a switch would."""
        if active is not self._active:
            self._active = active
            self._edges.put(Edge(active, self._clock()))

    def unplug(self) -> None:
        """Make the line fail for good, as a chip that vanished."""
        self._lost = True
        self._edges.put(None)

    def read(self) -> bool:
        self._check()
        return self._active

    def wait(self, seconds: float) -> Edge | None:
        self._check()
        try:
            edge = self._edges.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None
        self._check()
        return edge

    def close(self) -> None:
        self.unplug()

    def _check(self) -> None:
        if self._lost:
            raise LineError("simulated line: closed; it can't be read any more")


class SimulatedCamera:
    """Delivers copies of the images given, (height, width, 3) uint8 BGR, lossless, 1/`fps` s apart by their stamps."""

    def __init__(
        self, *, images: Sequence[Image], fps: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._images = tuple(image.copy() for image in images)
        self._clock = clock
        self._pace = MediaTime(fps=fps, clock=clock)
        self._sequence = 0
        self._closed = False

    @property
    def lossless(self) -> bool:
        return True

    def read(self) -> Frame:
        """Raises EndOfStream after the last image, CameraError if closed."""
        if self._closed:
            raise CameraError("simulated camera: closed; it delivers nothing any more")
        if self._sequence == len(self._images):
            raise EndOfStream("simulated camera: all images are delivered; give it more")
        image = self._images[self._sequence]
        frame = stamp(image, captured=self._pace.next(), sequence=self._sequence, clock=self._clock)
        self._sequence += 1
        return frame

    def close(self) -> None:
        self._closed = True
