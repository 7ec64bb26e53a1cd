"""Who may come in at this moment: known, active, days, hours, anti-passback."""

from dataclasses import replace
from datetime import timedelta

import pytest

from daemon.events.building_events import EventType
from daemon.types import Reason
from tests.daemon.rules.test_access import MONDAY, Desk, alarms, person, reason

OFFICE = {"schedules": {"office": {"windows": ["mon-fri 07:00-19:00"]}, "night": {"windows": ["daily 22:00-06:00"]}}}


def test_who_is_in_no_list_is_denied() -> None:
    assert reason(Desk().come(None)) is Reason.NOT_PROVISIONED


def test_who_was_suspended_since_they_were_matched_is_denied() -> None:
    assert reason(Desk().come(replace(person(), active=False))) is Reason.NOT_PROVISIONED


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (-1, 1, Reason.GRANTED),
        (1, 2, Reason.NOT_YET_VALID),
        (-2, -1, Reason.EXPIRED),
        (None, -1, Reason.EXPIRED),
        (1, None, Reason.NOT_YET_VALID),
        (None, None, Reason.GRANTED),
    ],
)
def test_validity_has_a_first_and_a_last_day(start: int | None, end: int | None, expected: Reason) -> None:
    visitor = person(
        valid_from=None if start is None else MONDAY + timedelta(days=start),
        valid_until=None if end is None else MONDAY + timedelta(days=end),
    )
    assert reason(Desk().come(visitor)) is expected
    assert reason(Desk(validity=False).come(visitor)) is Reason.GRANTED


@pytest.mark.parametrize(
    ("rules", "groups", "hour", "granted"),
    [
        ({"default_schedule": "office"}, (), 12, True),
        ({"default_schedule": "office"}, (), 23, False),
        ({"group_schedules": {"guards": "night"}}, ("guards",), 12, False),
        ({"group_schedules": {"guards": "night"}}, ("guards",), 23, True),
        ({"group_schedules": {"guards": "night"}}, (), 12, True),
        ({"group_schedules": {"guards": "night", "staff": "office"}}, ("guards", "staff"), 12, True),
        ({"group_schedules": {"guards": "night"}, "default_schedule": "office"}, ("guards",), 12, False),
        ({"group_schedules": {"guards": "night"}, "person_schedules": {"ada": "office"}}, ("guards",), 23, False),
    ],
)
def test_the_nearest_schedule_rules(
    rules: dict[str, object], groups: tuple[str, ...], hour: int, granted: bool
) -> None:
    verdict = Desk(**OFFICE, **rules).come(person(groups=groups), wall=MONDAY.replace(hour=hour))
    assert reason(verdict) is (Reason.GRANTED if granted else Reason.SCHEDULE)
    assert verdict.decision.person_id == "ada"


def test_soft_anti_passback_grants_with_an_alarm() -> None:
    desk = Desk(anti_passback={"mode": "soft", "timeout_seconds": 60.0})
    assert desk.come(person()).alarms == ()
    second = desk.come(person(), 10.0)
    assert second.decision.granted
    assert alarms(second) == [(EventType.PASSBACK, "ada")]
    assert desk.come(person(), 71.0).alarms == ()


def test_hard_anti_passback_denies_until_the_person_left_or_time_is_over() -> None:
    desk = Desk(anti_passback={"mode": "hard", "timeout_seconds": 60.0})
    assert desk.come(person()).decision.granted
    assert reason(desk.come(person(), 59.0)) is Reason.PASSBACK
    assert desk.come(person("bob"), 59.0).decision.granted
    desk.rules.left("ada")
    assert desk.come(person(), 59.5).decision.granted
    assert desk.come(person(), 120.0).decision.granted
