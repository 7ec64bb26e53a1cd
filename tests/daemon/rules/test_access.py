from dataclasses import replace
from datetime import datetime, timedelta, timezone

from daemon.config.rules import Rules
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
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
        self.people: dict[str, Person] = {}
        self.rules = AccessRules(rules=Rules.model_validate(rules), find=self.people.get)
        self.track = 0

    def come(self, who: Person | None, now: float = 0.0, *, wall: datetime = MONDAY) -> Verdict:
        self.track += 1
        name = who.person_id if who is not None else "ghost"
        if who is not None:
            self.people[name] = who
        verdict = self.again(name, self.track, now, wall=wall)
        assert verdict is not None
        return verdict

    def again(self, name: str, track: int, now: float, *, wall: datetime = MONDAY) -> Verdict | None:
        return self.rules.judge(Decision(track, Reason.GRANTED, now, name, 0.8, 0.9), now=now, wall=wall)

    def pin(self, right: bool, now: float) -> Verdict | None:
        return self.rules.pin(right, now=now, wall=MONDAY)

    def card(self, name: str | None, now: float) -> Verdict | None:
        return self.rules.card(name, now=now, wall=MONDAY)

    def deny(self, reason: Reason, now: float = 0.0, *, track: int | None = None) -> Verdict:
        self.track += 1
        verdict = self.rules.judge(Decision(track or self.track, reason, now), now=now, wall=MONDAY)
        assert verdict is not None
        return verdict


def reason(verdict: Verdict | None) -> Reason:
    assert verdict is not None
    return verdict.decision.reason


def alarms(verdict: Verdict | None) -> list[tuple[EventType, str | None]]:
    assert verdict is not None
    return [(alarm.type, alarm.detail) for alarm in verdict.alarms]


def test_without_rules_a_grant_stays_what_it_is() -> None:
    desk = Desk()
    for at in range(100):
        assert desk.come(person(), float(at)).decision.granted
    for denied in Reason:
        if denied is not Reason.GRANTED:
            assert desk.deny(denied) == Verdict(Decision(desk.track, denied, 0.0))


def test_too_many_attempts_deny_everybody_for_a_while() -> None:
    desk = Desk(attempts={"tries": 3, "window_seconds": 60.0, "lockout_seconds": 30.0})
    assert desk.deny(Reason.UNKNOWN, 0.0).alarms == ()
    assert desk.deny(Reason.BLURRED, 1.0).alarms == ()
    assert desk.deny(Reason.SPOOF, 2.0).alarms == ()
    assert desk.deny(Reason.UNKNOWN, 3.0).alarms == (DoorEvent(EventType.LOCKOUT, 3.0),)
    assert reason(desk.come(person(), 32.9)) is Reason.ATTEMPTS
    assert desk.come(person(), 33.0).decision.granted


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
    assert alarms(forced) == [(EventType.DURESS, "ada")]
    assert desk.come(person()).alarms == ()


def test_a_second_factor_has_to_follow_in_time() -> None:
    desk = Desk(second_factor={"accept": ["pin"], "seconds": 15.0})
    assert desk.pin(True, 0.0) is None
    assert reason(desk.come(person(), 0.0)) is Reason.SECOND_FACTOR
    assert desk.rules.waiting_for == "ada"
    granted = desk.pin(True, 14.0)
    assert reason(granted) is Reason.GRANTED
    assert granted is not None
    assert granted.decision.captured == 14.0
    assert desk.pin(True, 14.0) is None

    desk.come(person(), 20.0)
    assert desk.rules.expire(35.0) is None
    assert desk.pin(True, 35.1) is None
    assert reason(desk.rules.expire(35.1)) is Reason.FACTOR_TIMEOUT
    assert desk.rules.waiting_for is None


def test_a_wrong_factor_is_an_attempt_and_the_third_ends_it() -> None:
    desk = Desk(second_factor={"accept": ["pin"]}, attempts={"tries": 4})
    desk.come(person(), 0.0)
    assert [reason(desk.pin(False, float(at))) for at in range(3)] == [Reason.WRONG_FACTOR] * 3
    assert desk.pin(True, 4.0) is None
    desk.come(person(), 5.0)
    last = desk.pin(False, 6.0)
    assert alarms(last) == [(EventType.LOCKOUT, None)]


def test_a_card_may_come_before_or_after_the_face() -> None:
    desk = Desk(second_factor={"accept": ["card"], "seconds": 10.0, "groups": ["staff"]})
    staff = person(groups=("staff",))
    assert desk.come(person("guest"), 0.0).decision.granted
    assert reason(desk.come(staff, 0.0)) is Reason.SECOND_FACTOR
    assert reason(desk.card("bob", 1.0)) is Reason.WRONG_FACTOR
    assert reason(desk.card("ada", 2.0)) is Reason.GRANTED
    assert desk.card("ada", 20.0) is None
    assert desk.come(staff, 30.0).decision.granted
    assert reason(desk.come(staff, 31.0)) is Reason.SECOND_FACTOR
    assert Desk(second_factor={"accept": ["pin"]}).card("ada", 0.0) is None


def test_duress_and_passback_wait_for_the_second_factor() -> None:
    desk = Desk(second_factor={"accept": ["pin"]}, duress_groups=["duress"], anti_passback={"mode": "soft"})
    assert desk.come(person(groups=("duress",))).alarms == ()
    granted = desk.pin(True, 1.0)
    assert alarms(granted) == [(EventType.DURESS, "ada")]


def test_a_lockout_forgets_whom_the_door_waits_for() -> None:
    desk = Desk(second_factor={"accept": ["pin", "card"]}, attempts={"tries": 2, "lockout_seconds": 60.0})
    desk.come(person())
    assert alarms(desk.pin(False, 1.0)) == []
    assert alarms(desk.pin(False, 2.0)) == [(EventType.LOCKOUT, None)]
    assert desk.rules.waiting_for is None
    assert desk.pin(True, 3.0) is None
    assert desk.card("ada", 3.0) is None
    assert reason(desk.come(person(), 61.9)) is Reason.ATTEMPTS
    assert reason(desk.come(person(), 63.0)) is Reason.SECOND_FACTOR


def test_a_lockout_that_others_caused_holds_for_who_waits() -> None:
    desk = Desk(second_factor={"accept": ["pin"]}, attempts={"tries": 2})
    desk.come(person())
    desk.deny(Reason.UNKNOWN, 1.0)
    desk.deny(Reason.UNKNOWN, 2.0)
    assert desk.pin(True, 3.0) is None
    pair = Desk(two_person={"groups": ["vault"]}, attempts={"tries": 1, "lockout_seconds": 5.0})
    pair.come(person("ada", groups=("vault",)))
    pair.deny(Reason.UNKNOWN, 1.0)
    assert reason(pair.come(person("bob", groups=("vault",)), 7.0)) is Reason.SECOND_PERSON


def test_who_waits_is_looked_up_again_when_the_factor_comes() -> None:
    desk = Desk(second_factor={"accept": ["pin", "card"], "seconds": 300.0})
    over = person(valid_until=MONDAY - timedelta(days=1))
    for now_known, expected in (
        (None, Reason.NOT_PROVISIONED),
        (replace(person(), active=False), Reason.NOT_PROVISIONED),
        (over, Reason.EXPIRED),
    ):
        for factor in (lambda: desk.pin(True, 250.0), lambda: desk.card("ada", 250.0)):
            desk.come(person())
            if now_known is None:
                del desk.people["ada"]
            else:
                desk.people["ada"] = now_known
            assert reason(factor()) is expected
            assert desk.pin(True, 250.0) is None


def test_hours_that_end_while_the_factor_is_awaited_end_it() -> None:
    office = {"default_schedule": "office", "schedules": {"office": {"windows": ["mon-fri 07:00-12:30"]}}}
    desk = Desk(second_factor={"accept": ["pin"], "seconds": 300.0}, **office)
    desk.come(person())
    assert reason(desk.rules.pin(True, now=60.0, wall=MONDAY.replace(minute=30))) is Reason.SCHEDULE


def test_only_what_is_accepted_is_a_factor() -> None:
    desk = Desk(second_factor={"accept": ["card"]})
    desk.come(person())
    assert desk.rules.waiting_for is None
    assert desk.pin(True, 1.0) is None
    assert reason(desk.card("ada", 1.0)) is Reason.GRANTED


def test_the_first_of_two_comes_in_too() -> None:
    desk = Desk(two_person={"groups": ["vault"]}, duress_groups=["duress"], anti_passback={"mode": "hard"})
    ada, bob = person("ada", groups=("vault", "duress")), person("bob", groups=("vault",))
    assert alarms(desk.come(ada)) == []
    both = desk.come(bob, 3.0)
    assert alarms(both) == [(EventType.DURESS, "ada")]
    assert both.companion == Decision(1, Reason.GRANTED, 3.0, "ada", 0.8, 0.9)
    assert dict(desk.rules.entered(3.0)) == {"ada": 3.0, "bob": 3.0}
    assert reason(desk.come(ada, 4.0)) is Reason.PASSBACK


def test_of_two_people_each_brings_a_factor_before_they_count() -> None:
    desk = Desk(two_person={"groups": ["vault"], "seconds": 15.0}, second_factor={"accept": ["pin"], "seconds": 15.0})
    ada, bob = person("ada", groups=("vault",)), person("bob", groups=("vault",))
    assert reason(desk.come(ada)) is Reason.SECOND_FACTOR
    assert reason(desk.come(bob, 1.0)) is Reason.SECOND_FACTOR
    assert reason(desk.pin(True, 2.0)) is Reason.SECOND_PERSON
    assert reason(desk.come(bob, 3.0)) is Reason.SECOND_PERSON
    assert reason(desk.come(ada, 17.0)) is Reason.SECOND_FACTOR
    granted = desk.pin(True, 31.0)
    assert reason(granted) is Reason.GRANTED
    assert granted is not None
    assert granted.companion is not None
    assert granted.companion.person_id == "bob"


def test_the_first_of_two_is_looked_up_again_when_the_second_comes() -> None:
    ada, bob = person("ada", groups=("vault",)), person("bob", groups=("vault",))
    for now_known in (replace(ada, active=False), person("ada")):
        desk = Desk(two_person={"groups": ["vault"]})
        desk.come(ada)
        desk.people["ada"] = now_known
        assert reason(desk.come(bob, 1.0)) is Reason.SECOND_PERSON


def test_a_refused_face_may_be_judged_again_when_what_it_waited_for_is_over() -> None:
    desk = Desk(
        second_factor={"accept": ["pin"], "seconds": 15.0, "groups": ["staff"]}, two_person={"groups": ["vault"]}
    )
    assert desk.come(person("ada", groups=("staff",)), 1.0).again == 16.0
    assert desk.come(person("bob", groups=("vault",)), 2.0).again == 17.0
    assert desk.come(None, 3.0).again < 3.0


def test_a_face_that_was_let_in_is_not_judged_again() -> None:
    desk = Desk(second_factor={"accept": ["pin"]})
    desk.come(person())
    assert reason(desk.pin(True, 1.0)) is Reason.GRANTED
    assert desk.again("ada", 1, 16.0) is None
    pair = Desk(two_person={"groups": ["vault"]})
    pair.come(person("ada", groups=("vault",)))
    pair.come(person("bob", groups=("vault",)))
    assert pair.again("ada", 1, 16.0) is None


def test_of_two_faces_that_stay_the_one_that_came_last_is_waited_for() -> None:
    desk = Desk(second_factor={"accept": ["pin"], "seconds": 15.0})
    desk.come(person("ada"), 0.0)
    assert desk.come(person("bob"), 5.0).again == 20.0
    asked = desk.again("ada", 1, 15.1)
    assert reason(asked) is Reason.SECOND_FACTOR
    assert asked is not None
    assert asked.again == 20.0
    assert desk.rules.waiting_for == "bob"
