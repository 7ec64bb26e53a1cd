from datetime import datetime, timedelta, timezone

import pytest

from daemon.config.rules import Rules
from daemon.events.building_events import EventType
from daemon.rules.access import AccessRules, Verdict
from daemon.storage.people import Person
from daemon.types import Decision, Reason

MONDAY = datetime(2026, 1, 5, 12, 0, tzinfo=timezone.utc)
LONG_AGO = datetime(2020, 1, 1, tzinfo=timezone.utc)


def person(name: str = "ada", **values: object) -> Person:
    return Person(person_id=name, created=LONG_AGO, updated=LONG_AGO, **values)  # type: ignore[arg-type]


class Desk:
    """Rules, and people who come."""

    def __init__(self, **rules: object) -> None:
        self.rules = AccessRules(rules=Rules.model_validate(rules))
        self.track = 0

    def come(self, who: Person | None, now: float = 0.0, *, wall: datetime = MONDAY) -> Verdict:
        self.track += 1
        name = who.person_id if who is not None else "ghost"
        decision = Decision(self.track, Reason.GRANTED, now, name, 0.8, 0.9)
        return self.rules.judge(decision, who, now=now, wall=wall)

    def deny(self, reason: Reason, now: float = 0.0, *, track: int | None = None) -> Verdict:
        self.track += 1
        return self.rules.judge(Decision(track or self.track, reason, now), None, now=now, wall=MONDAY)


def reason(verdict: Verdict | None) -> Reason:
    assert verdict is not None
    return verdict.decision.reason


OFFICE = {"schedules": {"office": {"windows": ["mon-fri 07:00-19:00"]}, "night": {"windows": ["daily 22:00-06:00"]}}}


def test_without_rules_a_grant_stays_what_it_is() -> None:
    desk = Desk()
    for at in range(100):
        assert desk.come(person(), float(at)).decision.granted
    for denied in Reason:
        if denied is not Reason.GRANTED:
            assert desk.deny(denied) == Verdict(Decision(desk.track, denied, 0.0))


def test_who_is_in_no_list_is_denied() -> None:
    assert reason(Desk().come(None)) is Reason.NOT_PROVISIONED


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
    assert second.alarms == (EventType.PASSBACK,)
    assert desk.come(person(), 71.0).alarms == ()


def test_hard_anti_passback_denies_until_the_person_left_or_time_is_over() -> None:
    desk = Desk(anti_passback={"mode": "hard", "timeout_seconds": 60.0})
    assert desk.come(person()).decision.granted
    assert reason(desk.come(person(), 59.0)) is Reason.PASSBACK
    assert desk.come(person("bob"), 59.0).decision.granted
    desk.rules.left("ada")
    assert desk.come(person(), 59.5).decision.granted
    assert desk.come(person(), 120.0).decision.granted


def test_too_many_attempts_deny_everybody_for_a_while() -> None:
    desk = Desk(attempts={"tries": 3, "window_seconds": 60.0, "lockout_seconds": 30.0})
    assert desk.deny(Reason.UNKNOWN, 0.0).alarms == ()
    assert desk.deny(Reason.BLURRED, 1.0).alarms == ()
    assert desk.deny(Reason.SPOOF, 2.0).alarms == ()
    assert desk.deny(Reason.UNKNOWN, 3.0).alarms == (EventType.LOCKOUT,)
    assert reason(desk.come(person(), 32.9)) is Reason.ATTEMPTS
    assert desk.come(person(), 33.0).decision.granted


def test_one_face_that_stays_is_one_attempt_and_old_ones_are_forgotten() -> None:
    desk = Desk(attempts={"tries": 3, "window_seconds": 60.0})
    for at in range(10):
        assert desk.deny(Reason.UNKNOWN, float(at), track=7).alarms == ()
    for at in (100.0, 150.0, 200.0, 250.0):
        assert desk.deny(Reason.UNKNOWN, at).alarms == ()


def test_two_people_have_to_come() -> None:
    desk = Desk(two_person={"groups": ["vault"], "seconds": 15.0})
    ada, bob, guest = person("ada", groups=("vault",)), person("bob", groups=("vault",)), person("eve")
    assert reason(desk.come(ada, 0.0)) is Reason.SECOND_PERSON
    assert reason(desk.come(ada, 5.0)) is Reason.SECOND_PERSON
    assert desk.come(bob, 19.0).decision.granted
    assert reason(desk.come(ada, 20.0)) is Reason.SECOND_PERSON
    assert reason(desk.come(bob, 36.0)) is Reason.SECOND_PERSON
    assert desk.come(guest, 37.0).decision.granted


def test_duress_grants_silently_with_an_alarm() -> None:
    desk = Desk(duress_groups=["duress"])
    forced = desk.come(person(groups=("duress",)))
    assert forced.decision.granted
    assert forced.alarms == (EventType.DURESS,)
    assert desk.come(person()).alarms == ()


def test_a_second_factor_has_to_follow_in_time() -> None:
    desk = Desk(second_factor={"accept": ["pin"], "seconds": 15.0})
    assert desk.rules.factor(True, now=0.0) is None
    assert reason(desk.come(person(), 0.0)) is Reason.SECOND_FACTOR
    assert desk.rules.waiting_for == "ada"
    granted = desk.rules.factor(True, now=14.0)
    assert reason(granted) is Reason.GRANTED
    assert granted is not None
    assert granted.decision.captured == 14.0
    assert desk.rules.factor(True, now=14.0) is None

    desk.come(person(), 20.0)
    assert desk.rules.expire(35.0) is None
    assert desk.rules.factor(True, now=35.1) is None
    assert reason(desk.rules.expire(35.1)) is Reason.FACTOR_TIMEOUT
    assert desk.rules.waiting_for is None


def test_a_wrong_factor_is_an_attempt_and_the_third_ends_it() -> None:
    desk = Desk(second_factor={"accept": ["pin"]}, attempts={"tries": 4})
    desk.come(person(), 0.0)
    assert [reason(desk.rules.factor(False, now=float(at))) for at in range(3)] == [Reason.WRONG_FACTOR] * 3
    assert desk.rules.factor(True, now=4.0) is None
    desk.come(person(), 5.0)
    last = desk.rules.factor(False, now=6.0)
    assert last is not None
    assert last.alarms == (EventType.LOCKOUT,)


def test_a_card_may_come_before_or_after_the_face() -> None:
    desk = Desk(second_factor={"accept": ["card"], "seconds": 10.0, "groups": ["staff"]})
    staff = person(groups=("staff",))
    assert desk.come(person("guest"), 0.0).decision.granted
    assert reason(desk.come(staff, 0.0)) is Reason.SECOND_FACTOR
    assert reason(desk.rules.card("bob", now=1.0)) is Reason.WRONG_FACTOR
    assert reason(desk.rules.card("ada", now=2.0)) is Reason.GRANTED
    assert desk.rules.card("ada", now=20.0) is None
    assert desk.come(staff, 30.0).decision.granted
    assert reason(desk.come(staff, 31.0)) is Reason.SECOND_FACTOR
    assert Desk(second_factor={"accept": ["pin"]}).rules.card("ada", now=0.0) is None


def test_duress_and_passback_wait_for_the_second_factor() -> None:
    desk = Desk(second_factor={"accept": ["pin"]}, duress_groups=["duress"], anti_passback={"mode": "soft"})
    assert desk.come(person(groups=("duress",))).alarms == ()
    granted = desk.rules.factor(True, now=1.0)
    assert granted is not None
    assert granted.alarms == (EventType.DURESS,)
