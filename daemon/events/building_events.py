"""Everything that a building is told of a door, once: each event's name, how grave it is and what BACnet calls it.

BACnet's names are those of ANSI/ASHRAE 135: BACnetAccessEvent for what concerns a person at the door, and
BACnetDoorAlarmState for what concerns the door itself, as its clause 21 spells them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from daemon.types import Reason


class Severity(str, Enum):
    """`info`: a record. `notice`: somebody was refused. `warning`: look at it today. `critical`: go there now."""

    INFO = "info"
    NOTICE = "notice"
    WARNING = "warning"
    CRITICAL = "critical"


class EventType(str, Enum):
    """What happens at a door besides decisions; the values are part of the MQTT contract."""

    UNLOCKED = "unlocked"
    LOCKED = "locked"
    OPENED = "opened"
    CLOSED = "closed"
    EXIT = "exit"
    NO_ENTRY = "no_entry"
    LOCKDOWN_ON = "lockdown_on"
    LOCKDOWN_OFF = "lockdown_off"
    CHALLENGE = "challenge"
    ENROLLED = "enrolled"
    ENROLMENT_FAILED = "enrolment_failed"
    FORCED = "forced"
    FORCED_ENDED = "forced_ended"
    HELD_OPEN = "held_open"
    HELD_OPEN_ENDED = "held_open_ended"
    TAMPER = "tamper"
    TAMPER_ENDED = "tamper_ended"
    DEVICE_LOST = "device_lost"
    DEVICE_BACK = "device_back"
    CAMERA_FAILED = "camera_failed"
    CAMERA_RESTORED = "camera_restored"
    LOCKOUT = "lockout"
    DURESS = "duress"
    PASSBACK = "passback"
    EVENTS_LOST = "events_lost"
    CLOCK_SKEW = "clock_skew"
    SHARING_REFUSED = "sharing_refused"


@dataclass(frozen=True)
class Entry:
    """One row: `alarm` tells whether it goes to the topic `alarm`, `bacnet` is None where BACnet has no word."""

    severity: Severity
    alarm: bool
    bacnet: str | None
    meaning: str


def _record(bacnet: str | None, meaning: str) -> Entry:
    return Entry(Severity.INFO, False, bacnet, meaning)


def _alarm(severity: Severity, bacnet: str | None, meaning: str) -> Entry:
    return Entry(severity, True, bacnet, meaning)


def _refused(bacnet: str | None, meaning: str) -> Entry:
    return Entry(Severity.NOTICE, False, bacnet, meaning)


EVENTS: Mapping[EventType, Entry] = MappingProxyType(
    {
        EventType.UNLOCKED: _record(None, "the strike is released"),
        EventType.LOCKED: _record(None, "the strike holds again"),
        EventType.OPENED: _record(None, "the contact opened"),
        EventType.CLOSED: _record(None, "the contact closed"),
        EventType.EXIT: _record("egress-open", "the exit button was pressed"),
        EventType.NO_ENTRY: _record("no-entry-after-grant", "somebody was granted and did not open the door"),
        EventType.LOCKDOWN_ON: Entry(Severity.WARNING, False, "lock-down", "nobody is granted until further notice"),
        EventType.LOCKDOWN_OFF: Entry(Severity.WARNING, False, "normal", "the lockdown is over"),
        EventType.CHALLENGE: _record(None, "the person is asked to turn the head or to blink, as the detail says"),
        EventType.ENROLLED: _record(None, "a person was enrolled at the camera, by a command"),
        EventType.ENROLMENT_FAILED: _refused(None, "nobody could be enrolled at the camera; the detail says why"),
        EventType.FORCED: _alarm(Severity.CRITICAL, "forced-open", "the door opened although it was locked"),
        EventType.FORCED_ENDED: _alarm(Severity.INFO, "normal", "a forced door is closed again"),
        EventType.HELD_OPEN: _alarm(Severity.WARNING, "door-open-too-long", "the door stands open for too long"),
        EventType.HELD_OPEN_ENDED: _alarm(Severity.INFO, "normal", "a door that stood open is closed again"),
        EventType.TAMPER: _alarm(Severity.CRITICAL, "tamper", "the terminal's housing was opened"),
        EventType.TAMPER_ENDED: _alarm(Severity.INFO, "normal", "the terminal's housing is closed again"),
        EventType.DEVICE_LOST: _alarm(Severity.WARNING, "door-fault", "a line or reader of the door is gone or busy"),
        EventType.DEVICE_BACK: _alarm(Severity.INFO, "normal", "a line or reader of the door works again"),
        EventType.CAMERA_FAILED: _alarm(
            Severity.WARNING, "door-fault", "the camera fails; the detail says how and what to do"
        ),
        EventType.CAMERA_RESTORED: _alarm(Severity.INFO, "normal", "the camera works again"),
        EventType.LOCKOUT: _alarm(Severity.WARNING, "lockout-max-attempts", "too many attempts; nobody is granted"),
        EventType.DURESS: _alarm(Severity.CRITICAL, "duress", "somebody was granted under duress; show nothing"),
        EventType.PASSBACK: _alarm(Severity.NOTICE, "passback-detected", "somebody came in twice without leaving"),
        EventType.EVENTS_LOST: _alarm(Severity.WARNING, None, "events had to be discarded unsent"),
        EventType.CLOCK_SKEW: _alarm(Severity.WARNING, None, "another terminal's clock is too far ahead to share with"),
        EventType.SHARING_REFUSED: _alarm(Severity.WARNING, None, "a shared record was forged, damaged or foreign"),
    }
)

DECISIONS: Mapping[Reason, Entry] = MappingProxyType(
    {
        Reason.GRANTED: _record("granted", "an enrolled, live person"),
        Reason.UNKNOWN: _refused("denied-unknown-credential", "nobody who is enrolled"),
        Reason.AMBIGUOUS: _refused("denied-authentication-factor-error", "two people match too equally"),
        Reason.SPOOF: Entry(Severity.WARNING, False, "denied-verification-failed", "a picture, a screen or a mask"),
        Reason.LIVENESS: _refused("denied-verification-failed", "not surely a live face"),
        Reason.TOO_SMALL: _refused("denied-authentication-factor-error", "the face is too far away"),
        Reason.NOT_FRONTAL: _refused("denied-authentication-factor-error", "the face looks aside"),
        Reason.BLURRED: _refused("denied-authentication-factor-error", "the face is blurred"),
        Reason.TOO_DARK: _refused("denied-authentication-factor-error", "the face is too dark"),
        Reason.TOO_BRIGHT: _refused("denied-authentication-factor-error", "the face is too bright"),
        Reason.EYES_CLOSED: _refused("denied-authentication-factor-error", "the eyes are closed"),
        Reason.EYES_COVERED: _refused("denied-authentication-factor-error", "something dark is over the eyes"),
        Reason.MOUTH_COVERED: _refused("denied-authentication-factor-error", "something is over the mouth"),
        Reason.LOCKOUT: _refused("denied-lockout", "too many spoofs a short while ago"),
        Reason.STALE: _refused("denied-other", "the picture was too old to open a door"),
        Reason.CHALLENGE: _refused("denied-verification-timeout", "the challenge on the screen was not met in time"),
        Reason.LOCKDOWN: _refused("denied-threat-level", "the door is locked down"),
        Reason.NOT_YET_VALID: _refused("denied-credential-not-yet-active", "before the person's first day"),
        Reason.EXPIRED: _refused("denied-credential-expired", "after the person's last day"),
        Reason.SCHEDULE: _refused("denied-out-of-time-range", "outside the person's hours"),
        Reason.PASSBACK: _refused("denied-passback", "came in before and has not left"),
        Reason.ATTEMPTS: _refused("denied-max-attempts", "too many refusals a short while ago"),
        Reason.SECOND_PERSON: _refused("denied-no-accompaniment", "a second person has to come within seconds"),
        Reason.SECOND_FACTOR: _refused("verification-required", "a PIN or card has to follow within seconds"),
        Reason.FACTOR_TIMEOUT: _refused("denied-verification-timeout", "no PIN or card followed in time"),
        Reason.WRONG_FACTOR: _refused("denied-incorrect-authentication-factor", "a wrong PIN or card followed"),
        Reason.NOT_PROVISIONED: _refused("denied-credential-not-provisioned", "nothing is known about this person"),
    }
)


def table() -> str:
    """The vocabulary as a Markdown table, for the documentation."""
    rows = ["| event | severity | BACnet | meaning |", "|---|---|---|---|"]
    rows += [_row(f"access `{reason.value}`", entry) for reason, entry in DECISIONS.items()]
    rows += [_row(f"{'alarm' if e.alarm else 'door'} `{kind.value}`", e) for kind, e in EVENTS.items()]
    return "\n".join(rows) + "\n"


def _row(name: str, entry: Entry) -> str:
    return f"| {name} | {entry.severity.value} | {entry.bacnet or ''} | {entry.meaning} |"
