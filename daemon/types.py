"""The values that pass between the stages, frozen; a frame's way goes from top to bottom of this file."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from hw.camera import Frame
from models.detector import Face
from models.embedder import Embedding
from models.landmarks import Mesh
from models.quality import Quality


class Reason(str, Enum):
    """Why a decision is what it is; the values are part of the MQTT and REST contract."""

    GRANTED = "granted"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    SPOOF = "spoof"
    LIVENESS = "liveness"
    TOO_SMALL = "too_small"
    NOT_FRONTAL = "not_frontal"
    BLURRED = "blurred"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    EYES_CLOSED = "eyes_closed"
    EYES_COVERED = "eyes_covered"
    MOUTH_COVERED = "mouth_covered"
    LOCKOUT = "lockout"
    STALE = "stale"
    CHALLENGE = "challenge"
    LOCKDOWN = "lockdown"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    SCHEDULE = "schedule"
    PASSBACK = "passback"
    ATTEMPTS = "attempts"
    SECOND_PERSON = "second_person"
    SECOND_FACTOR = "second_factor"
    FACTOR_TIMEOUT = "factor_timeout"
    WRONG_FACTOR = "wrong_factor"
    NOT_PROVISIONED = "not_provisioned"


@dataclass(frozen=True)
class TrackedFace:
    """A face that the tracker holds for the same presentation as faces of earlier frames.

    `first_seen` is the capture time (monotonic seconds) of the track's first frame.
    """

    track_id: int
    face: Face
    first_seen: float


@dataclass(frozen=True)
class Candidate:
    """An enrolled person and the best score (cosine, -1..1) of the probe against that person's templates."""

    person_id: str
    score: float


@dataclass(frozen=True, eq=False)
class Observation:
    """What one frame tells of one track.

    `captured` is the frame's monotonic time. `fault` names the first quality criterion that failed; `liveness` (0..1),
    `moire` (share of energy) and `depth_mm` (relief) are then absent: their stages did not run. `candidates` (best
    first, one entry a person, at most two) and `probe`, the embedding that was searched with, are there where
    `to_compare`. `threshold` is the score that the best candidate has to reach in a gallery of the size searched.
    """

    track_id: int
    captured: float
    quality: Quality | None = None
    fault: Reason | None = None
    mesh: Mesh | None = None
    liveness: float | None = None
    moire: float | None = None
    depth_mm: float | None = None
    candidates: tuple[Candidate, ...] = ()
    threshold: float = 1.0
    probe: Embedding | None = None

    @property
    def to_compare(self) -> bool:
        """Whether it is to be compared with the gallery.

        A clear frame is, for it may open; closed eyes are, for whoever blinks has to be known.
        """
        return self.liveness is not None or self.fault is Reason.EYES_CLOSED


class Challenge(str, Enum):
    """What a person is asked to do, to show that they are no picture; left and right are the person's own."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    BLINK = "blink"


@dataclass(frozen=True)
class Prompt:
    """A challenge put to the person of a track, to be answered before `deadline` (monotonic seconds)."""

    track_id: int
    challenge: Challenge
    captured: float
    deadline: float


@dataclass(frozen=True)
class Decision:
    """What the policy decides about a track.

    `person_id` is set when granted; of the denials only those of the access rules name somebody. `score` is the mean
    cosine of the agreeing frames, or the best candidate's, `liveness` the aggregate over the track, `captured` the
    monotonic time of the last frame.
    """

    track_id: int
    reason: Reason
    captured: float
    person_id: str | None = None
    score: float | None = None
    liveness: float | None = None

    @property
    def granted(self) -> bool:
        return self.reason is Reason.GRANTED


@dataclass(frozen=True, eq=False)
class Glance:
    """All that vision made of one frame: every face, the one looked at, and what the policy said of it.

    `observation` is None when no face could still change anything; its `track_id` tells which of `faces` it is of.
    """

    frame: Frame
    faces: tuple[TrackedFace, ...] = ()
    observation: Observation | None = None
    outcome: Decision | Prompt | None = None


@dataclass(frozen=True)
class AccessEvent:
    """A decision as the building is told of it.

    `captured` is the Unix time in seconds of the last frame, `relay_ms` the time from there to the strike being driven
    (None for a denial), `similarity` a calibrated percentage and `liveness` a probability.
    """

    decision: Literal["granted", "denied"]
    reason: Reason
    captured: float
    track_id: int
    person_id: str | None
    similarity: float | None
    liveness: float | None
    relay_ms: float | None
