"""What a person in front of the camera should do, in one word that a screen has a sentence for. Pure: no pixels."""

from collections import Counter, deque
from enum import Enum

from daemon.types import Challenge, Decision, Glance, Observation, Prompt, Reason, TrackedFace


class Hint(str, Enum):
    """The values are part of what a screen is sent."""

    IDLE = "idle"
    DONE = "done"
    WAIT = "wait"
    COME_CLOSER = "come_closer"
    LOOK_HERE = "look_here"
    MORE_LIGHT = "more_light"
    LESS_LIGHT = "less_light"
    HOLD_STILL = "hold_still"
    OPEN_EYES = "open_eyes"
    SHOW_EYES = "show_eyes"
    UNCOVER = "uncover"
    ONE_AT_A_TIME = "one_at_a_time"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    BLINK = "blink"


_OF_FAULT = {
    Reason.TOO_SMALL: Hint.COME_CLOSER,
    Reason.NOT_FRONTAL: Hint.LOOK_HERE,
    Reason.TOO_DARK: Hint.MORE_LIGHT,
    Reason.TOO_BRIGHT: Hint.LESS_LIGHT,
    Reason.BLURRED: Hint.HOLD_STILL,
    Reason.EYES_CLOSED: Hint.OPEN_EYES,
    Reason.EYES_COVERED: Hint.SHOW_EYES,
    Reason.MOUTH_COVERED: Hint.UNCOVER,
}
_OF_CHALLENGE = {
    Challenge.TURN_LEFT: Hint.TURN_LEFT,
    Challenge.TURN_RIGHT: Hint.TURN_RIGHT,
    Challenge.BLINK: Hint.BLINK,
}
CHALLENGES = frozenset(_OF_CHALLENGE.values())

# A face below this share of the least size that is compared belongs to somebody who passes by.
PASSING_SHARE = 0.4
# A second face with this share of the first one's area stands beside it, not behind.
BESIDE_SHARE = 0.5
# Of 1,500 LFW pictures none lies below; of the same with a mask drawn over mouth and nose 65 % do.
COVERED_PRESENCE = 0.99


def hint_of(glance: Glance, *, min_size_px: float) -> Hint:
    """What one frame by itself asks for; a challenge is not seen in it. `min_size_px` as in `quality`."""
    near = [face for face in glance.faces if face.face.box.height >= PASSING_SHARE * min_size_px]
    if not near:
        return Hint.IDLE
    if _crowded(near):
        return Hint.ONE_AT_A_TIME
    return Hint.DONE if glance.observation is None else _of(glance.observation)


def _crowded(faces: list[TrackedFace]) -> bool:
    areas = sorted((face.face.box.area for face in faces), reverse=True)
    return len(areas) > 1 and areas[1] >= BESIDE_SHARE * areas[0]


def _of(observation: Observation) -> Hint:
    if observation.fault is not None:
        return _OF_FAULT[observation.fault]
    covered = observation.mesh is None or not observation.mesh.presence >= COVERED_PRESENCE
    return Hint.UNCOVER if covered else Hint.WAIT


class Steady:
    """Keeps hints from flickering: shows what most frames of the last moment ask for, and that for a while.

    Nobody is there only when nobody was for IDLE_SECONDS. What follows an outcome or a challenge follows at once.
    """

    WINDOW_SECONDS = 0.5
    SHOWN_SECONDS = 1.0
    IDLE_SECONDS = 1.5

    def __init__(self) -> None:
        self._recent: deque[tuple[float, Hint]] = deque()
        self._shown, self._since, self._occupied = Hint.IDLE, float("-inf"), float("-inf")

    def update(self, hint: Hint, now: float) -> Hint:
        """Take what the newest frame asks for at monotonic time `now` (seconds); gives what is to be shown."""
        self._recent.append((now, hint))
        while self._recent[0][0] < now - self.WINDOW_SECONDS:
            self._recent.popleft()
        if hint is not Hint.IDLE:
            self._occupied = now
        wanted = self._wanted(hint, now)
        if wanted is not self._shown and self._may_change(wanted, now):
            self._shown, self._since = wanted, now
        return self._shown

    def _wanted(self, hint: Hint, now: float) -> Hint:
        if hint in CHALLENGES or hint is Hint.DONE:
            return hint
        counts = Counter(hint for _, hint in self._recent if hint is not Hint.IDLE)
        if counts and 2 * sum(counts.values()) > len(self._recent):
            return counts.most_common(1)[0][0]
        return Hint.IDLE if now - self._occupied >= self.IDLE_SECONDS else self._shown

    def _may_change(self, wanted: Hint, now: float) -> bool:
        at_once = wanted in CHALLENGES or wanted is Hint.DONE or self._shown in {Hint.IDLE, Hint.DONE}
        return at_once or now - self._since >= self.SHOWN_SECONDS


class Guide:
    """Follows the glances of one camera, newest last, and says what to show."""

    def __init__(self, *, min_size_px: float) -> None:
        self._min_size_px = min_size_px
        self._steady = Steady()
        self._prompt: Prompt | None = None

    def update(self, glance: Glance) -> Hint:
        """Take the next glance."""
        now = glance.frame.captured
        if isinstance(glance.outcome, Prompt):
            self._prompt = glance.outcome
        elif self._prompt is not None and (now > self._prompt.deadline or self._answered(glance.outcome)):
            self._prompt = None
        hint = hint_of(glance, min_size_px=self._min_size_px)
        # A head that turns when asked may be lost from sight for a moment.
        if self._prompt is not None and hint is not Hint.ONE_AT_A_TIME:
            hint = _OF_CHALLENGE[self._prompt.challenge]
        return self._steady.update(hint, now)

    def _answered(self, outcome: Decision | None) -> bool:
        return outcome is not None and self._prompt is not None and outcome.track_id == self._prompt.track_id
