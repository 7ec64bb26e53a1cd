"""A challenge and its answer: did the person of a track do what was asked, and did a head do it? Pure."""

from daemon.types import Challenge, Observation
from daemon.vision.blink import Blinks
from models.landmarks import Mesh
from models.parallax import motion

# A turn as people make it when asked; a picture that is tilted to look so far to the side is no longer found as a face.
MIN_TURN_DEG = 18.0
# Of LFW's pairs that turn so far, 95 % exceed this; of pictures turned as planes by up to 40 degrees, 1 %.
MIN_RESIDUAL = 0.07


class ChallengeTest:
    """Watches one challenge from the observation at which it was put."""

    def __init__(self, *, challenge: Challenge, start: Observation) -> None:
        self._challenge = challenge
        self._start = start
        self._blinks = Blinks()

    def answered_by(self, observation: Observation, *, own: bool) -> bool:
        """Take the next observation of the track, `own` where it shows the person asked; True when that one did it."""
        if self._challenge is Challenge.BLINK:
            self._blinks.follow(observation, own=own)
            return own and self._blinks.count > 0
        if not own or observation.quality is None or observation.mesh is None:
            return False
        if self._start.quality is None or self._start.mesh is None:
            return False
        turned = observation.quality.yaw_deg - self._start.quality.yaw_deg
        wanted = turned if self._challenge is Challenge.TURN_LEFT else -turned
        return wanted >= MIN_TURN_DEG and _is_solid(self._start.mesh, observation.mesh)


def _is_solid(before: Mesh, after: Mesh) -> bool:
    return motion(before, after).residual >= MIN_RESIDUAL
