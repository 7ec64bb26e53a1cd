"""What a camera is: a source of frames stamped with the time at which they were taken."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a camera.

    `image` is (height, width, 3) uint8 in BGR order and read-only. `captured` is the monotonic time in seconds at which
    the picture was taken, `wall` the same moment in Unix seconds, `sequence` counts the camera's frames from 0, those
    dropped included. `depth`, where the camera has it, is (height, width) uint16: millimetres from the camera for each
    pixel of `image`, 0 where nothing was measured.
    """

    image: Image
    captured: float
    wall: float
    sequence: int
    depth: NDArray[np.uint16] | None = None


class Camera(Protocol):
    """A source of frames, read by one thread and closed by any.

    `lossless` tells whether every frame must be processed (a replay run as fast as possible), not only the newest.
    """

    @property
    def lossless(self) -> bool: ...

    def read(self) -> Frame:
        """Wait for the next frame. Raises CameraError, or EndOfStream when a finite source is over."""
        ...

    def close(self) -> None:
        """Release the device; a second call does nothing."""
        ...


@dataclass(frozen=True)
class Region:
    """A rectangle of a picture, pixels."""

    left: int
    top: int
    width: int
    height: int


@runtime_checkable
class MetersFace(Protocol):
    """A camera that can expose for a part of its picture."""

    def meter(self, region: Region | None, luma: float) -> None:
        """Expose for a region whose mean luma is `luma` (0..255) now, or for the whole picture; returns at once."""
        ...
