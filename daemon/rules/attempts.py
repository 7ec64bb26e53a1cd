"""How many refused presentations lock everybody out, and for how long. Pure."""

from collections import deque

from daemon.config.rules import Attempts
from daemon.types import Decision, Reason

# More faces than ever stand before one camera: each of them is remembered while it stays.
_TRACKS = 64

# Denials that are somebody's attempt; bad light or a turned head is nobody's.
COUNTED = frozenset(
    {
        Reason.UNKNOWN,
        Reason.SPOOF,
        Reason.LIVENESS,
        Reason.NOT_YET_VALID,
        Reason.EXPIRED,
        Reason.SCHEDULE,
        Reason.PASSBACK,
        Reason.WRONG_FACTOR,
        Reason.NOT_PROVISIONED,
    }
)


class AttemptCount:
    """Counts denials by the section `rules.attempts`. Times are monotonic seconds."""

    def __init__(self, *, rule: Attempts) -> None:
        self._rule = rule
        self._refused: deque[float] = deque(maxlen=max(1, rule.tries))
        self._tracks: deque[int] = deque(maxlen=_TRACKS)
        self._locked_until = float("-inf")

    def locked(self, now: float) -> bool:
        """Whether everybody is denied."""
        return now < self._locked_until

    def add(self, denial: Decision, now: float) -> bool:
        """Count a denial; True when it is the one that locks everybody out."""
        rule = self._rule
        if not rule.tries or denial.reason not in COUNTED or self._known(denial):
            return False
        self._refused.append(now)
        if len(self._refused) < rule.tries or now - self._refused[0] > rule.window_seconds:
            return False
        self._refused.clear()
        self._locked_until = now + rule.lockout_seconds
        return True

    def _known(self, denial: Decision) -> bool:
        # A face that stays before the camera is refused again and again, and is one attempt; each wrong PIN is one.
        known = denial.track_id in self._tracks
        if not known:
            self._tracks.append(denial.track_id)
        return known and denial.reason is not Reason.WRONG_FACTOR
