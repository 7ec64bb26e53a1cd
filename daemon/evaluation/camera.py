"""Watches a camera and measures the faces that come; keeps numbers and no pixel."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from daemon.evaluation.effects import CRITERIA
from daemon.vision.recogniser import Recogniser
from daemon.vision.tracker import Tracker
from hw.camera import Camera, Image
from hw.errors import EndOfStream
from models.geometry import Box
from models.quality import Quality


@dataclass(frozen=True)
class Glimpse:
    """One face in one frame: seconds since the start, whose track, its quality, and the contrast within its box.

    The contrast is the standard deviation of the luma, 0 to 255.
    """

    at: float
    track_id: int
    quality: Quality
    contrast: float


@dataclass(frozen=True)
class Watched:
    """What a camera showed: frames, the seconds between the first and the last, mean luma of each frame, faces.

    `processing_ms` are the milliseconds that each frame with a face took.
    """

    frames: int
    seconds: float
    size: tuple[int, int]
    luma: tuple[float, ...]
    processing_ms: tuple[float, ...]
    glimpses: tuple[Glimpse, ...]


def watch(
    camera: Camera, *, recogniser: Recogniser, seconds: float, clock: Callable[[], float] = time.perf_counter
) -> Watched:
    """Watch for so many seconds of the camera's own time, or until a finite source is over. Raises CameraError."""
    tracker = Tracker()
    luma: list[float] = []
    spent: list[float] = []
    glimpses: list[Glimpse] = []
    start = last = None
    size = (0, 0)
    try:
        while start is None or last is None or last - start < seconds:
            frame = camera.read()
            last = frame.captured
            start = last if start is None else start
            size = (frame.image.shape[1], frame.image.shape[0])
            luma.append(_mean_luma(frame.image))
            begun = clock()
            tracked = tracker.update(recogniser.detect(frame.image), frame.captured)
            if tracked:
                quality = recogniser.view(frame.image, tracked[0].face).quality
                contrast = _contrast(frame.image, tracked[0].face.box)
                glimpses.append(
                    Glimpse(at=last - start, track_id=tracked[0].track_id, quality=quality, contrast=contrast)
                )
                spent.append((clock() - begun) * 1000)
    except EndOfStream:
        pass
    elapsed = 0.0 if start is None or last is None else last - start
    return Watched(len(luma), elapsed, size, tuple(luma), tuple(spent), tuple(glimpses))


def measures(quality: Quality) -> dict[str, float]:
    """A face's quality by criterion."""
    return {name: criterion.measure(quality) for name, criterion in CRITERIA.items()}


def _contrast(image: Image, box: Box) -> float:
    left, top = max(0, round(box.left)), max(0, round(box.top))
    # Green stands for luma.
    part = image[top : max(top, round(box.top + box.height)), left : max(left, round(box.left + box.width)), 1]
    return float(part.std()) if part.size else 0.0


def _mean_luma(image: Image) -> float:
    # Every eighth pixel is enough for a mean; the weights are ITU-R BT.601's, in the order blue, green, red.
    blue, green, red = image[::8, ::8].reshape(-1, 3).mean(axis=0)
    return float(0.114 * blue + 0.587 * green + 0.299 * red)
