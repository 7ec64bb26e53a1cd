from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from daemon.config.rules import Rules, WeeklyHours
from daemon.rules.schedule import Calendar, WeeklySchedule, schedules

BERLIN = ZoneInfo("Europe/Berlin")


def schedule(*windows: str, holidays: tuple[str, ...] = (), holiday_windows: tuple[str, ...] = ()) -> WeeklySchedule:
    hours = WeeklyHours(windows=windows, holiday_windows=holiday_windows)
    return WeeklySchedule(hours=hours, holidays=Calendar(holidays), zone=BERLIN)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("window", "moment", "covered"),
    [
        ("mon-fri 07:00-19:00", "2026-01-05 07:00:00", True),
        ("mon-fri 07:00-19:00", "2026-01-05 06:59:59", False),
        ("mon-fri 07:00-19:00", "2026-01-09 18:59:59", True),
        ("mon-fri 07:00-19:00", "2026-01-09 19:00:00", False),
        ("mon-fri 07:00-19:00", "2026-01-10 12:00:00", False),
        ("sat,sun 08:00-12:00", "2026-01-11 08:00:00", True),
        ("sat-mon 08:00-12:00", "2026-01-12 08:00:00", True),
        ("sat-mon 08:00-12:00", "2026-01-13 08:00:00", False),
        ("daily 00:00-24:00", "2026-01-13 23:59:59", True),
        ("fri 22:00-06:00", "2026-01-09 23:00:00", True),
        ("fri 22:00-06:00", "2026-01-10 05:59:59", True),
        ("fri 22:00-06:00", "2026-01-10 06:00:00", False),
        ("fri 22:00-06:00", "2026-01-09 05:00:00", False),
        ("sun 22:00-06:00", "2026-01-12 03:00:00", True),
        ("mon 08:00-08:00", "2026-01-06 07:59:59", True),
    ],
)
def test_hours_begin_with_their_first_second_and_end_before_their_last(window: str, moment: str, covered: bool) -> None:
    assert schedule(window).covers(local(moment)) is covered


def test_the_moment_may_come_in_any_zone() -> None:
    office = schedule("mon-fri 07:00-19:00")
    assert office.covers(utc("2026-01-05 06:00"))
    assert not office.covers(utc("2026-01-05 05:59"))
    assert office.covers(utc("2026-07-06 05:00"))
    assert not office.covers(utc("2026-07-06 17:00"))


def covered_minutes(schedule: WeeklySchedule, start: datetime, hours: int) -> int:
    return sum(schedule.covers(start + timedelta(minutes=minute)) for minute in range(hours * 60))


def test_the_hour_that_spring_skips_does_not_happen() -> None:
    start = utc("2026-03-28 23:00")
    assert covered_minutes(schedule("sun 02:00-03:00"), start, 24) == 0
    assert covered_minutes(schedule("sun 01:00-04:00"), start, 24) == 120
    assert covered_minutes(schedule("sat 22:00-06:00"), start, 24) == 5 * 60


def test_the_hour_that_autumn_repeats_happens_twice() -> None:
    start = utc("2026-10-24 22:00")
    assert covered_minutes(schedule("sun 02:00-03:00"), start, 25) == 120
    assert covered_minutes(schedule("sun 01:00-04:00"), start, 25) == 240
    assert covered_minutes(schedule("daily 00:00-24:00"), start, 25) == 25 * 60


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia"])
def test_odd_zones_follow_their_wall_clock(zone: str) -> None:
    hours = WeeklyHours(windows=("daily 12:00-12:30",))
    odd = WeeklySchedule(hours=hours, holidays=Calendar(()), zone=ZoneInfo(zone))
    start = utc("2026-01-01 00:00")
    for day in range(0, 365, 7):
        assert covered_minutes(odd, start + timedelta(days=day), 24) == 30


def test_holidays_have_hours_of_their_own() -> None:
    holidays = ("2026-04-03", "12-25")
    office = schedule("mon-fri 07:00-19:00", holidays=holidays, holiday_windows=("daily 10:00-12:00",))
    assert not office.covers(local("2026-04-03 09:00"))
    assert office.covers(local("2026-04-03 11:00"))
    assert not office.covers(local("2028-12-25 09:00"))
    assert office.covers(local("2027-04-02 09:00"))
    night = schedule("daily 22:00-06:00", holidays=("2026-04-03",))
    assert night.covers(local("2026-04-03 05:00"))
    assert not night.covers(local("2026-04-03 23:00"))
    assert not night.covers(local("2026-04-04 05:00"))


def test_without_hours_nobody_comes() -> None:
    assert not schedule().covers(local("2026-01-05 12:00"))


@pytest.mark.parametrize(
    "values",
    [
        {"timezone": "Europe/Bielefeld"},
        {"holidays": ["2026-02-30"]},
        {"holidays": ["13-01"]},
        {"schedules": {"a": {"windows": ["mon-fri 7:00-19:00"]}}},
        {"schedules": {"a": {"windows": ["mo 07:00-19:00"]}}},
        {"schedules": {"a": {"windows": ["mon 24:00-07:00"]}}},
        {"group_schedules": {"staff": "absent"}},
        {"default_schedule": "absent"},
    ],
)
def test_what_is_no_schedule_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Rules.model_validate(values)


def test_the_section_names_its_schedules() -> None:
    rules = Rules.model_validate({"timezone": "Asia/Tokyo", "schedules": {"day": {"windows": ["mon 09:00-10:00"]}}})
    assert schedules(rules)["day"].covers(utc("2026-01-05 00:30"))
