"""What no plane explains of the motion between the frames of a presentation. Pure."""

from collections import deque
from dataclasses import dataclass
from statistics import median

from models.landmarks import Mesh
from models.parallax import deformation, motion
from models.quality import Quality

# Deformations below this drown in the mesh's own noise (1.5 % of the eye distance on a head that holds still).
MIN_DEFORMATION = 0.06
_KEYFRAME_SECONDS = 0.15
_KEYFRAMES = 8
_MIN_MOTIONS = 3


@dataclass(frozen=True, eq=False)
class Keyframe:
    """A pose to compare later ones with; `captured` is monotonic seconds."""

    captured: float
    mesh: Mesh
    quality: Quality

    def turned_from(self, before: "Keyframe") -> float:
        """Degrees between the two poses: the pair that turned most tells most of the relief."""
        return abs(self.quality.yaw_deg - before.quality.yaw_deg) + abs(
            self.quality.pitch_deg - before.quality.pitch_deg
        )

    def relief_from(self, before: "Keyframe") -> float | None:
        """The relief of the motion between the two; None for too little motion."""
        moved = deformation(before.mesh, self.mesh) >= MIN_DEFORMATION
        return motion(before.mesh, self.mesh).relief if moved else None


class Reliefs:
    """The last reliefs of a series of frames, each with the keyframe from which it turned most."""

    def __init__(self) -> None:
        self._keyframes: deque[Keyframe] = deque(maxlen=_KEYFRAMES)
        self._reliefs: deque[float] = deque(maxlen=15)

    @property
    def usual(self) -> float | None:
        """Their median (about 0, a plane, to 1); None after too few motions."""
        return median(self._reliefs) if len(self._reliefs) >= _MIN_MOTIONS else None

    def before(self, latest: Keyframe) -> Keyframe | None:
        """The keyframe to compare a new frame with."""
        return max(self._keyframes, key=latest.turned_from, default=None)

    def add(self, latest: Keyframe, relief: float | None) -> None:
        """Take the next frame and its relief from `before`, None if there is none."""
        if relief is not None:
            self._reliefs.append(relief)
        if not self._keyframes or latest.captured - self._keyframes[-1].captured >= _KEYFRAME_SECONDS:
            self._keyframes.append(latest)
