"""Weekly hours by the wall clock of a zone. Pure."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from daemon.config.rules import DAYS, Rules, WeeklyHours
from daemon.storage.people import Person

DAY = 24 * 3600
Span = tuple[int, int]


class Calendar:
    """Which days are holidays: dates of one year (`2026-04-03`), or of each (`12-25`)."""

    def __init__(self, holidays: Collection[str]) -> None:
        self._once = {date.fromisoformat(text) for text in holidays if len(text) > 5}
        self._yearly = {(int(text[:2]), int(text[3:])) for text in holidays if len(text) == 5}

    def __contains__(self, day: date) -> bool:
        return day in self._once or (day.month, day.day) in self._yearly


class WeeklySchedule:
    """Whether a moment lies in the hours. Hours past midnight belong to the day on which they began.

    The wall clock rules: where it skips an hour in spring that hour's windows do not happen, where it repeats one in
    autumn they happen twice.
    """

    def __init__(self, *, hours: WeeklyHours, holidays: Calendar, zone: ZoneInfo) -> None:
        self._normal, self._holiday = _week(hours.windows), _week(hours.holiday_windows)
        self._holidays, self._zone = holidays, zone

    def covers(self, moment: datetime) -> bool:
        """`moment` is aware, of any zone."""
        return self.covers_local(moment.astimezone(self._zone))

    def covers_local(self, local: datetime) -> bool:
        """As `covers`, of a moment already in the schedule's zone: for asking many schedules at once."""
        second = local.hour * 3600 + local.minute * 60 + local.second
        today = local.date()
        if any(start <= second < end for start, end in self._spans(today)):
            return True
        before = self._spans(today - timedelta(days=1))
        return any(start <= second + DAY < end for start, end in before)

    def _spans(self, day: date) -> Sequence[Span]:
        week = self._holiday if day in self._holidays else self._normal
        return week[day.weekday()]


def schedules(rules: Rules) -> dict[str, WeeklySchedule]:
    """All that the section names."""
    zone, holidays = ZoneInfo(rules.timezone), Calendar(rules.holidays)
    return {name: WeeklySchedule(hours=hours, holidays=holidays, zone=zone) for name, hours in rules.schedules.items()}


def schedules_of(rules: Rules, person: Person) -> tuple[str, ...]:
    """The names of the schedules that hold for somebody, who may come in any of their hours; none: at any time."""
    own = rules.person_schedules.get(person.person_id)
    names = [own] if own else [name for name in map(rules.group_schedules.get, person.groups) if name]
    if not names and rules.default_schedule is not None:
        names = [rules.default_schedule]
    return tuple(names)


def _week(windows: Collection[str]) -> tuple[tuple[Span, ...], ...]:
    """For each day of the week from Monday the seconds of its spans; an end beyond 24 h lies on the next day."""
    week: list[list[Span]] = [[] for _ in DAYS]
    for window in windows:
        days, _, hours = window.partition(" ")
        start, end = (_seconds(text) for text in hours.split("-"))
        for day in _days(days):
            week[day].append((start, end if end > start else end + DAY))
    return tuple(tuple(spans) for spans in week)


def _days(text: str) -> set[int]:
    if text == "daily":
        return set(range(7))
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        start = DAYS.index(first)
        length = (DAYS.index(last or first) - start) % 7 + 1
        found |= {(start + offset) % 7 for offset in range(length)}
    return found


def _seconds(text: str) -> int:
    return int(text[:2]) * 3600 + int(text[3:]) * 60
