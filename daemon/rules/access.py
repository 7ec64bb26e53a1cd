"""Whether a recognised person may come in. Pure: no clock, no disk. Decides after the policy, with own reasons."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from daemon.config.rules import Rules
from daemon.events.building_events import EventType
from daemon.rules.schedule import schedules, schedules_of
from daemon.storage.people import Person
from daemon.types import Decision, Reason

WRONG_FACTORS = 3
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


@dataclass(frozen=True)
class Verdict:
    """The decision as it stands after the rules, and the alarms that go with it."""

    decision: Decision
    alarms: tuple[EventType, ...] = ()


@dataclass
class _Waiting:
    """A face that a second factor has to follow."""

    decision: Decision
    person: Person
    until: float
    wrong: int = 0


class AccessRules:
    """All rules of a door. Times: `now` is monotonic (seconds), `wall` aware. One thread at a time.

    A wanting second factor or second person is a denial with that reason; when it follows in time the grant comes from
    `factor` or from the second person's own `judge`.
    """

    def __init__(self, *, rules: Rules, entered: Mapping[str, float] = MappingProxyType({})) -> None:
        """`entered` is who is inside, and since when, from before a restart."""
        self._rules = rules
        self._schedules = schedules(rules)
        self._zone = ZoneInfo(rules.timezone)
        self._refused: deque[float] = deque(maxlen=max(1, rules.attempts.tries))
        self._counted_track: int | None = None
        self._locked_until = float("-inf")
        self._entered = dict(entered)
        self._first: tuple[str, float] | None = None
        self._waiting: _Waiting | None = None
        self._card: tuple[str, float] | None = None

    @property
    def waiting_for(self) -> str | None:
        """The person_id whose second factor is wanted, if any is."""
        return self._waiting.person.person_id if self._waiting else None

    def judge(self, decision: Decision, person: Person | None, *, now: float, wall: datetime) -> Verdict:
        """The policy's decision about a face; `person` is who was granted, None when nobody knows them."""
        if not decision.granted:
            return self._count(decision, now)
        reason = self._refusal(person, now, wall)
        if reason is not None or person is None:
            return self._count(replace(decision, reason=reason or Reason.NOT_PROVISIONED), now)
        if not self._accompanied(person, now):
            return Verdict(replace(decision, reason=Reason.SECOND_PERSON))
        if self._wants_factor(person, now):
            self._waiting = _Waiting(decision, person, now + self._rules.second_factor.seconds)
            return Verdict(replace(decision, reason=Reason.SECOND_FACTOR))
        return self._grant(decision, person, now)

    def factor(self, right: bool, *, now: float) -> Verdict | None:
        """A PIN or card came for `waiting_for`: the grant, a denial, or None if nobody waits for one any more.

        The grant counts as captured now: its deadline is that of the factor.
        """
        waiting = self._waiting
        if waiting is None or now > waiting.until:
            return None
        if right:
            self._waiting = None
            return self._grant(replace(waiting.decision, captured=now), waiting.person, now)
        waiting.wrong += 1
        if waiting.wrong == WRONG_FACTORS:
            self._waiting = None
        self._counted_track = None
        return self._count(replace(waiting.decision, reason=Reason.WRONG_FACTOR, captured=now), now)

    def card(self, person_id: str | None, *, now: float) -> Verdict | None:
        """The card of that person (None: of nobody) was read, before or after the face."""
        if "card" not in self._rules.second_factor.accept:
            return None
        if self._waiting is not None and now <= self._waiting.until:
            return self.factor(person_id == self._waiting.person.person_id, now=now)
        self._card = None if person_id is None else (person_id, now)
        return None

    def expire(self, now: float) -> Verdict | None:
        """The denial of a face whose second factor did not come in time."""
        waiting = self._waiting
        if waiting is None or now <= waiting.until:
            return None
        self._waiting = None
        return Verdict(replace(waiting.decision, reason=Reason.FACTOR_TIMEOUT, captured=waiting.until))

    def left(self, person_id: str) -> None:
        """That person went out, or was granted and did not come in."""
        self._entered.pop(person_id, None)

    def entered(self, now: float) -> Mapping[str, float]:
        """Who counts as inside, and since when; who did so for too long is forgotten."""
        timeout = self._rules.anti_passback.timeout_seconds
        self._entered = {person: at for person, at in self._entered.items() if now - at < timeout}
        return dict(self._entered)

    def _refusal(self, person: Person | None, now: float, wall: datetime) -> Reason | None:
        if now < self._locked_until:
            return Reason.ATTEMPTS
        if person is None:
            return Reason.NOT_PROVISIONED
        return self._invalidity(person, wall) or self._untimely(person, now, wall)

    def _invalidity(self, person: Person, wall: datetime) -> Reason | None:
        if not self._rules.validity:
            return None
        if person.valid_from is not None and wall < person.valid_from:
            return Reason.NOT_YET_VALID
        return Reason.EXPIRED if person.valid_until is not None and wall > person.valid_until else None

    def _untimely(self, person: Person, now: float, wall: datetime) -> Reason | None:
        if not self._in_hours(person, wall):
            return Reason.SCHEDULE
        passed_back = self._rules.anti_passback.mode == "hard" and self._inside(person, now)
        return Reason.PASSBACK if passed_back else None

    def _in_hours(self, person: Person, wall: datetime) -> bool:
        names = schedules_of(self._rules, person)
        if not names:
            return True
        local = wall.astimezone(self._zone)
        return any(self._schedules[name].covers_local(local) for name in names)

    def _inside(self, person: Person, now: float) -> bool:
        entered = self._entered.get(person.person_id)
        return entered is not None and now - entered < self._rules.anti_passback.timeout_seconds

    def _accompanied(self, person: Person, now: float) -> bool:
        rule = self._rules.two_person
        if not _member(person, rule.groups):
            return True
        first, self._first = self._first, (person.person_id, now)
        if first is None or first[0] == person.person_id or now - first[1] > rule.seconds:
            return False
        self._first = None
        return True

    def _wants_factor(self, person: Person, now: float) -> bool:
        rule = self._rules.second_factor
        if not rule.accept or (rule.groups and not _member(person, rule.groups)):
            return False
        card, self._card = self._card, None
        return card is None or card[0] != person.person_id or now - card[1] > rule.seconds

    def _grant(self, decision: Decision, person: Person, now: float) -> Verdict:
        alarms = []
        if self._rules.anti_passback.mode != "off":
            if self._inside(person, now):
                alarms.append(EventType.PASSBACK)
            self._entered[person.person_id] = now
        if _member(person, self._rules.duress_groups):
            alarms.append(EventType.DURESS)
        return Verdict(decision, tuple(alarms))

    def _count(self, decision: Decision, now: float) -> Verdict:
        rule = self._rules.attempts
        # A face that stays before the camera is refused again and again, and is one attempt.
        if not rule.tries or decision.reason not in COUNTED or decision.track_id == self._counted_track:
            return Verdict(decision)
        self._counted_track = decision.track_id
        self._refused.append(now)
        if len(self._refused) < rule.tries or now - self._refused[0] > rule.window_seconds:
            return Verdict(decision)
        self._refused.clear()
        self._locked_until = now + rule.lockout_seconds
        return Verdict(decision, (EventType.LOCKOUT,))


def _member(person: Person, groups: tuple[str, ...]) -> bool:
    return any(group in groups for group in person.groups)
