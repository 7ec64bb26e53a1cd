"""What a screen is told, frozen: how things stand, and what happened."""

from dataclasses import dataclass
from enum import Enum

from daemon.live.guidance import Hint
from daemon.types import Reason


class Outcome(str, Enum):
    """A decision as the person before the screen is told of it; the values are part of what a screen is sent."""

    WELCOME = "welcome"
    NOT_RECOGNISED = "not_recognised"
    TRY_AGAIN = "try_again"
    PLEASE_WAIT = "please_wait"
    OUTSIDE_HOURS = "outside_hours"
    NO_ACCESS = "no_access"
    PASSBACK = "passback"
    SECOND_PERSON = "second_person"
    SECOND_FACTOR = "second_factor"
    WRONG_FACTOR = "wrong_factor"
    TOO_LATE = "too_late"
    LOCKED_DOWN = "locked_down"


class DoorNotice(str, Enum):
    """What somebody has to know of the door before they try."""

    NORMAL = "normal"
    LOCKED_DOWN = "locked_down"
    HELD_OPEN = "held_open"


class Condition(str, Enum):
    """Whether the terminal can do its work; CAMERA: no picture comes, DOOR: a line or reader of the door is gone."""

    GOOD = "good"
    CAMERA = "camera"
    DOOR = "door"


@dataclass(frozen=True)
class Standing:
    """How things stand; a screen that comes back is told this, and never what happened before."""

    hint: Hint = Hint.IDLE
    door: DoorNotice = DoorNotice.NORMAL
    condition: Condition = Condition.GOOD


@dataclass(frozen=True)
class Happened:
    """A decision at Unix time `at`; `name` is what may be shown of the person, "" for nothing."""

    outcome: Outcome
    name: str
    at: float


Message = Standing | Happened

# A bad picture is no outcome: the hint says what to do. Who is refused as no live face is told no more than a stranger
# who is to try again, so that nobody learns how to pass; duress, above all, looks like any grant.
OUTCOMES: dict[Reason, Outcome | None] = {
    Reason.GRANTED: Outcome.WELCOME,
    Reason.UNKNOWN: Outcome.NOT_RECOGNISED,
    Reason.AMBIGUOUS: Outcome.NOT_RECOGNISED,
    Reason.SPOOF: Outcome.TRY_AGAIN,
    Reason.LIVENESS: Outcome.TRY_AGAIN,
    Reason.TOO_SMALL: None,
    Reason.NOT_FRONTAL: None,
    Reason.BLURRED: None,
    Reason.TOO_DARK: None,
    Reason.TOO_BRIGHT: None,
    Reason.EYES_CLOSED: None,
    Reason.EYES_COVERED: None,
    Reason.MOUTH_COVERED: None,
    Reason.LOCKOUT: Outcome.PLEASE_WAIT,
    Reason.STALE: Outcome.TRY_AGAIN,
    Reason.CHALLENGE: Outcome.TOO_LATE,
    Reason.LOCKDOWN: Outcome.LOCKED_DOWN,
    Reason.NOT_YET_VALID: Outcome.NO_ACCESS,
    Reason.EXPIRED: Outcome.NO_ACCESS,
    Reason.SCHEDULE: Outcome.OUTSIDE_HOURS,
    Reason.PASSBACK: Outcome.PASSBACK,
    Reason.ATTEMPTS: Outcome.PLEASE_WAIT,
    Reason.SECOND_PERSON: Outcome.SECOND_PERSON,
    Reason.SECOND_FACTOR: Outcome.SECOND_FACTOR,
    Reason.FACTOR_TIMEOUT: Outcome.TOO_LATE,
    Reason.WRONG_FACTOR: Outcome.WRONG_FACTOR,
    Reason.NOT_PROVISIONED: Outcome.NO_ACCESS,
}
