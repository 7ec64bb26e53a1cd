"""Which face of this frame is the same presentation as which face of the last one."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from daemon.types import TrackedFace
from models.detector import Face

# A face between two frames of a slow camera (10 frames/s) still overlaps itself by this much at walking pace.
MIN_IOU = 0.3
# A face that doubles or halves its area from one frame to the next is another presentation, not a step forward.
MAX_AREA_RATIO = 2.0
MAX_GAP_SECONDS = 0.5


@dataclass
class _Track:
    track_id: int
    face: Face
    first_seen: float
    last_seen: float


class Tracker:
    """Follows faces by the overlap of their boxes, best overlap first; a number is never used twice."""

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._numbers = count(1)

    @property
    def alive(self) -> frozenset[int]:
        """The tracks that a coming frame may still continue."""
        return frozenset(track.track_id for track in self._tracks)

    def update(self, faces: Sequence[Face], captured: float) -> tuple[TrackedFace, ...]:
        """Name each face of a frame, in the order given; `captured` is the frame's monotonic time in seconds."""
        self._tracks = [track for track in self._tracks if captured - track.last_seen <= MAX_GAP_SECONDS]
        matches = self._match(faces)
        tracked = []
        for index, face in enumerate(faces):
            track = matches.get(index)
            if track is None:
                track = _Track(next(self._numbers), face, captured, captured)
                self._tracks.append(track)
            track.face, track.last_seen = face, captured
            tracked.append(TrackedFace(track.track_id, face, track.first_seen))
        return tuple(tracked)

    def _match(self, faces: Sequence[Face]) -> dict[int, _Track]:
        pairs = sorted(
            (
                (track.face.box.iou(face.box), index, position)
                for index, face in enumerate(faces)
                for position, track in enumerate(self._tracks)
                if _alike(track.face, face)
            ),
            reverse=True,
        )
        matches: dict[int, _Track] = {}
        taken: set[int] = set()
        for _, index, position in pairs:
            if index not in matches and position not in taken:
                matches[index] = self._tracks[position]
                taken.add(position)
        return matches


def _alike(one: Face, other: Face) -> bool:
    ratio = one.box.area / other.box.area
    return one.box.iou(other.box) >= MIN_IOU and 1 / MAX_AREA_RATIO <= ratio <= MAX_AREA_RATIO
