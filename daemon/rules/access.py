"""Whether a recognised person may come in. Pure: no clock, no disk. Decides after the policy, with own reasons."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from daemon.config.rules import Rules
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.rules.admission import Admission, member
from daemon.rules.attempts import AttemptCount
from daemon.storage.people import Person
from daemon.types import Decision, Reason

WRONG_FACTORS = 3
_TRACKS = 64


@dataclass(frozen=True)
class Verdict:
    """The decision as it stands after the rules, and the alarms that go with it.

    `companion` is the grant of the first of two people, who comes in with the second. A face that was refused may be
    judged again from `again` (monotonic) on.
    """

    decision: Decision
    alarms: tuple[DoorEvent, ...] = ()
    companion: Decision | None = None
    again: float = float("-inf")


@dataclass(frozen=True)
class _First:
    """The grant of somebody who lacks only a second person."""

    decision: Decision
    at: float


@dataclass
class _Waiting:
    """A face that a second factor has to follow; `since` it was judged."""

    decision: Decision
    since: float
    until: float
    wrong: int = 0


class AccessRules:
    """All rules of a door. Times: `now` is monotonic (seconds), `wall` aware. One thread at a time.

    A wanting second factor or second person is a denial with that reason; when it follows in time the grant comes from
    `pin`, `card` or the second person's own `judge`. Of two people each brings a factor before they count.
    """

    def __init__(
        self,
        *,
        rules: Rules,
        find: Callable[[str], Person | None],
        entered: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        """`find` gives None for nobody; `entered` is who is inside, and since when, from before a restart."""
        self._rules = rules
        self._admission = Admission(rules=rules, find=find, entered=entered)
        self._attempts = AttemptCount(rule=rules.attempts)
        self._first: _First | None = None
        self._waiting: _Waiting | None = None
        self._card: tuple[str, float] | None = None
        self._let_in: deque[int] = deque(maxlen=_TRACKS)

    @property
    def waiting_for(self) -> str | None:
        """The person_id whose PIN is wanted, if any is."""
        if self._waiting is None or "pin" not in self._rules.second_factor.accept:
            return None
        return self._waiting.decision.person_id

    def judge(self, decision: Decision, *, now: float, wall: datetime) -> Verdict | None:
        """The policy's decision about a face; None about one that a factor or a second person has let in since."""
        if not decision.granted:
            return self._deny(decision, decision.reason, now)
        if decision.track_id in self._let_in:
            return None
        person = self._check(decision, now, wall)
        if isinstance(person, Reason):
            return self._deny(decision, person, now)
        if self._wants_factor(person, now):
            return self._ask(decision, now)
        return self._admit(decision, person, since=now, now=now, wall=wall)

    def pin(self, right: bool, *, now: float, wall: datetime) -> Verdict | None:
        """A PIN came for `waiting_for`: the grant, a denial, or None if nobody waits for one any more.

        The grant counts as captured now: its deadline is that of the PIN.
        """
        return self._factor(right, now, wall) if "pin" in self._rules.second_factor.accept else None

    def card(self, person_id: str | None, *, now: float, wall: datetime) -> Verdict | None:
        """The card of that person (None: of nobody) was read, before or after the face; answers as `pin` does."""
        if "card" not in self._rules.second_factor.accept:
            return None
        if self._waiting is not None and now <= self._waiting.until:
            return self._factor(person_id == self._waiting.decision.person_id, now, wall)
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
        self._admission.left(person_id)

    def entered(self, now: float) -> Mapping[str, float]:
        """Who counts as inside, and since when; who did so for too long is forgotten."""
        return self._admission.entered(now)

    def _check(self, decision: Decision, now: float, wall: datetime) -> Person | Reason:
        if self._attempts.locked(now):
            return Reason.ATTEMPTS
        return self._admission.check(decision.person_id, now=now, wall=wall)

    def _wants_factor(self, person: Person, now: float) -> bool:
        rule = self._rules.second_factor
        if not rule.accept or (rule.groups and not member(person, rule.groups)):
            return False
        first = self._first_until(now)
        if first is not None and first.person_id == person.person_id:
            return False
        card, self._card = self._card, None
        return card is None or card[0] != person.person_id or now - card[1] > rule.seconds

    def _ask(self, decision: Decision, now: float) -> Verdict:
        waiting = self._waiting
        # A face that was here before does not take the place of the one that came after it.
        if waiting is None or now > waiting.until or decision.track_id >= waiting.decision.track_id:
            waiting = self._waiting = _Waiting(decision, now, now + self._rules.second_factor.seconds)
        return Verdict(replace(decision, reason=Reason.SECOND_FACTOR), again=waiting.until)

    def _factor(self, right: bool, now: float, wall: datetime) -> Verdict | None:
        waiting = self._waiting
        if waiting is None or now > waiting.until:
            return None
        decision = replace(waiting.decision, captured=now)
        if not right:
            waiting.wrong += 1
            if waiting.wrong == WRONG_FACTORS:
                self._waiting = None
            return self._deny(decision, Reason.WRONG_FACTOR, now)
        self._waiting = None
        person = self._check(decision, now, wall)
        if isinstance(person, Reason):
            return self._deny(decision, person, now)
        verdict = self._admit(decision, person, since=waiting.since, now=now, wall=wall)
        if verdict.decision.granted:
            self._let_in.append(decision.track_id)
        return verdict

    def _admit(self, decision: Decision, person: Person, *, since: float, now: float, wall: datetime) -> Verdict:
        """Grant who lacks nothing, or two people if two have to come; the face was judged at `since`."""
        rule = self._rules.two_person
        if not member(person, rule.groups):
            return Verdict(decision, self._admission.enter(person, now))
        first = self._first_until(since)
        companion = None if first is None or first.person_id == person.person_id else self._check(first, now, wall)
        if first is None or not isinstance(companion, Person) or not member(companion, rule.groups):
            self._first = _First(decision, now)
            return Verdict(replace(decision, reason=Reason.SECOND_PERSON), again=now + rule.seconds)
        self._first = None
        self._let_in.append(first.track_id)
        alarms = (*self._admission.enter(companion, now), *self._admission.enter(person, now))
        return Verdict(decision, alarms, replace(first, captured=decision.captured))

    def _first_until(self, moment: float) -> Decision | None:
        """Who came first, if a second person at this moment is in time."""
        first = self._first
        return first.decision if first is not None and moment - first.at <= self._rules.two_person.seconds else None

    def _deny(self, decision: Decision, reason: Reason, now: float) -> Verdict:
        denial = replace(decision, reason=reason)
        if not self._attempts.add(denial, now):
            return Verdict(denial)
        self._waiting = self._first = None
        return Verdict(denial, (DoorEvent(EventType.LOCKOUT, now),))
