"""Whether a person may come in at this moment, and who is inside. Pure but for `find`."""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from daemon.config.rules import Rules
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.rules.schedule import schedules, schedules_of
from daemon.storage.people import Person
from daemon.types import Reason


class Admission:
    """The rules about one person alone: known, active, days, hours, anti-passback, duress.

    `find` gives None for nobody; it is asked each time, since a person may be suspended while the door waits for them.
    """

    def __init__(self, *, rules: Rules, find: Callable[[str], Person | None], entered: Mapping[str, float]) -> None:
        self._rules, self._find = rules, find
        self._schedules = schedules(rules)
        self._zone = ZoneInfo(rules.timezone)
        self._entered = dict(entered)

    def check(self, person_id: str | None, *, now: float, wall: datetime) -> Person | Reason:
        """The person, or why they are refused."""
        person = None if person_id is None else self._find(person_id)
        if person is None or not person.active:
            return Reason.NOT_PROVISIONED
        return self._invalidity(person, wall) or self._untimely(person, now, wall) or person

    def enter(self, person: Person, now: float) -> tuple[DoorEvent, ...]:
        """That person comes in; the alarms that go with it."""
        alarms = []
        if self._rules.anti_passback.mode != "off":
            if self._inside(person, now):
                alarms.append(EventType.PASSBACK)
            self._entered[person.person_id] = now
        if member(person, self._rules.duress_groups):
            alarms.append(EventType.DURESS)
        return tuple(DoorEvent(alarm, now, detail=person.person_id) for alarm in alarms)

    def left(self, person_id: str) -> None:
        """That person went out, or was granted and did not come in."""
        self._entered.pop(person_id, None)

    def entered(self, now: float) -> Mapping[str, float]:
        """Who counts as inside, and since when; who did so for too long is forgotten."""
        timeout = self._rules.anti_passback.timeout_seconds
        self._entered = {person: at for person, at in self._entered.items() if now - at < timeout}
        return dict(self._entered)

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


def member(person: Person, groups: tuple[str, ...]) -> bool:
    """Whether the person is in one of these groups."""
    return any(group in groups for group in person.groups)
