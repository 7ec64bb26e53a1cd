"""What goes into the door's state machine and what comes out of it, frozen."""

from dataclasses import dataclass
from enum import Enum

from daemon.events.building_events import EventType


class Cause(str, Enum):
    """Why the door is unlocked."""

    GRANT = "grant"
    EXIT_BUTTON = "exit_button"
    COMMAND = "command"
    SCHEDULE = "schedule"


class State(str, Enum):
    """The door in one word, the gravest first."""

    FORCED = "forced"
    HELD_OPEN = "held_open"
    LOCKDOWN = "lockdown"
    OPEN = "open"
    SCHEDULED = "unlocked_by_schedule"
    UNLOCKED = "unlocked"
    SECURE = "secure"


@dataclass(frozen=True)
class Elapsed:
    """Nothing but time has passed."""


@dataclass(frozen=True)
class Release:
    """Unlock for `seconds`, or for the usual pulse."""

    cause: Cause
    seconds: float | None = None


@dataclass(frozen=True)
class LockNow:
    """End every unlock, also that of the schedule until its next window."""


@dataclass(frozen=True)
class Lockdown:
    on: bool


@dataclass(frozen=True)
class Schedule:
    """Whether a window of free access is on."""

    on: bool


@dataclass(frozen=True)
class Contact:
    """The door's contact as it reads now; None while its line is gone."""

    open: bool | None


Change = Elapsed | Release | LockNow | Lockdown | Schedule | Contact


@dataclass(frozen=True)
class DoorEvent:
    """Something happened at monotonic time `at` (seconds); `detail` says in words what is not in the type."""

    type: EventType
    at: float
    cause: Cause | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Step:
    """What a change leads to: how the strike is to be driven (True unlocks), in order, then what is to be told.

    `refused`: the release asked for did not happen, because the door is locked down.
    """

    drives: tuple[bool, ...] = ()
    events: tuple[DoorEvent, ...] = ()
    refused: bool = False
