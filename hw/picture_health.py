"""What is wrong with a camera's picture, seen from a few thousand of its pixels. Pure; times are the frames' own."""

from collections import deque
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from hw.camera import Image

GRID = 48
"""Points across the longer side of a picture that are looked at."""

# 8-bit video puts black at 16 where it is of limited range (ITU-R BT.601), and a covered sensor has its noise on top;
# a dark room still has structure: of a covered sensor's points hardly one rises above its noise.
BLACK_LUMA = 24.0
BLACK_SPREAD = 6.0
DARK_LUMA = 22.0
BRIGHT_LUMA = 240.0
# Auto-exposure that hunts swings by stops, every second or so; people who pass and lamps that are switched don't swing.
SWING_LUMA = 25.0
SWINGS = 5
SWINGS_SECONDS = 8.0
HELD_SECONDS = 3.0
CLEAR_SECONDS = 2.0


class Fault(str, Enum):
    """What a picture can suffer from, the gravest first."""

    FROZEN = "frozen"
    BLACK = "black"
    WRONG_SIZE = "wrong_size"
    HUNTING = "hunting"
    DARK = "dark"
    BRIGHT = "bright"


@dataclass(frozen=True, eq=False)
class Sample:
    """A picture in a grid of points: `points` (h, w, 3) uint8 BGR, `size` width and height of the whole.

    `luma` (mean) and `spread` (standard deviation) are those of the points, 0 to 255.
    """

    points: NDArray[np.uint8]
    size: tuple[int, int]
    luma: float
    spread: float

    def repeats(self, other: "Sample | None") -> bool:
        """Whether both show the very same points: no sensor does so twice, its noise sees to that."""
        return other is not None and self.size == other.size and np.array_equal(self.points, other.points)


def sample(image: Image) -> Sample:
    """Look at every n-th pixel of an (H, W, 3) BGR picture."""
    height, width = image.shape[:2]
    step = max(1, max(height, width) // GRID)
    points = np.ascontiguousarray(image[step // 2 :: step, step // 2 :: step])
    # Green is most of a luma, and one plane of three costs a third.
    green = points[:, :, 1]
    return Sample(points, (width, height), float(green.mean()), float(green.std()))


class PictureWatch:
    """Follows the pictures of one camera and says what is wrong with them, once that has held for a while.

    `size` is the width and height that is expected; None: whatever comes first. A picture that repeats for
    `frozen_seconds` is frozen (0: never): some IP cameras send a still scene again bit by bit until the next full
    picture, every few seconds.
    """

    def __init__(self, *, size: tuple[int, int] | None, frozen_seconds: float) -> None:
        self._frozen_seconds = frozen_seconds
        self._previous: Sample | None = None
        self._changed = 0.0
        self._swings = Swings()
        self._held: dict[Fault, float] = {}
        self._fault: Fault | None = None
        self._good_since: float | None = None
        self.expected = size

    def update(self, picture: Sample, at: float) -> Fault | None:
        """The gravest fault that has held long enough, with the picture taken at `at` (monotonic seconds)."""
        self.expected = self.expected or picture.size
        if self._previous is None or not picture.repeats(self._previous):
            self._changed = at
        self._previous = picture
        found = self._found(picture, at)
        self._held = {fault: self._held.get(fault, at) for fault in found}
        held = [fault for fault in found if at - self._held[fault] >= _patience(fault)]
        return self._settle(held[0] if held else None, at)

    def begin(self) -> None:
        """The camera was opened anew: its first pictures say nothing of before."""
        self._previous, self._held, self._good_since = None, {}, None
        self._swings = Swings()

    def _found(self, picture: Sample, at: float) -> list[Fault]:
        hunting = self._swings.update(picture, at)
        checks = (
            (Fault.FROZEN, 0 < self._frozen_seconds <= at - self._changed),
            (Fault.BLACK, picture.luma < BLACK_LUMA and picture.spread < BLACK_SPREAD),
            (Fault.WRONG_SIZE, picture.size != self.expected),
            (Fault.HUNTING, hunting),
            (Fault.DARK, picture.luma < DARK_LUMA),
            (Fault.BRIGHT, picture.luma > BRIGHT_LUMA),
        )
        return [fault for fault, holds in checks if holds]

    def _settle(self, fault: Fault | None, at: float) -> Fault | None:
        """A fault is told at once, its end when it has been good for a while; but what moves is not frozen."""
        if fault is not None or self._fault in (None, Fault.FROZEN):
            self._fault, self._good_since = fault, None
            return fault
        if self._good_since is None:
            self._good_since = at
        if at - self._good_since >= CLEAR_SECONDS:
            self._fault, self._good_since = None, None
        return self._fault


class Swings:
    """Counts how often a picture's brightness turns round after having changed a lot.

    The median of the points' changes is what counts: somebody who passes changes half of them at most.
    """

    def __init__(self) -> None:
        self._turns: deque[float] = deque()
        self._extreme: NDArray[np.int16] | None = None
        self._rising: bool | None = None

    def update(self, picture: Sample, at: float) -> bool:
        """Whether the last seconds held too many turns."""
        green = picture.points[:, :, 1].astype(np.int16)
        if self._extreme is None or self._extreme.shape != green.shape:
            self._extreme = green
        change = float(np.median(green - self._extreme))
        if self._rising is not None and change and (change > 0) is self._rising:
            self._extreme = green
        elif abs(change) >= SWING_LUMA:
            if self._rising is not None:
                self._turns.append(at)
            self._rising, self._extreme = change > 0, green
        while self._turns and at - self._turns[0] > SWINGS_SECONDS:
            self._turns.popleft()
        return len(self._turns) >= SWINGS


def _patience(fault: Fault) -> float:
    # The first two have waited by their nature.
    return 0.0 if fault in (Fault.FROZEN, Fault.HUNTING) else HELD_SECONDS
