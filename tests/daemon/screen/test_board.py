"""What stands on the screen: whose name, for which decision, and what a screen that comes back is told."""

import re

import pytest

from daemon.config.screen import Shown
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.live.guidance import Hint
from daemon.screen.board import SCREENS, ScreenBoard
from daemon.screen.messages import OUTCOMES, Condition, DoorNotice, Happened, Message, Outcome, Standing
from daemon.screen.names import shown_name
from daemon.types import Decision, Reason
from daemon.web.assets import STATIC

NOW = 1000.0


def board(show: Shown = "name") -> ScreenBoard:
    return ScreenBoard(show=show, wall=lambda: NOW)


def heard(board: ScreenBoard, *happenings: Decision | DoorEvent) -> list[Message]:
    """What a screen that listens hears, after how things stood."""
    with board.listening() as messages:
        assert messages is not None
        messages.get_nowait()
        for happening in happenings:
            board.tell(happening, NOW) if isinstance(happening, Decision) else board.tell_event(happening)
        return [messages.get_nowait() for _ in range(messages.qsize())]


def granted(person_id: str = "grace.hopper") -> Decision:
    return Decision(1, Reason.GRANTED, 0.0, person_id)


def event(kind: EventType) -> DoorEvent:
    return DoorEvent(kind, 0.0)


@pytest.mark.parametrize(
    ("person_id", "name", "initials"),
    [
        ("grace.hopper", "Grace Hopper", "G.H."),
        ("ada", "Ada", "A."),
        ("ada_king-noel@example.org", "Ada King Noel", "A.K.N."),
        ("McKay", "McKay", "M."),
        ("100234", "", ""),
        ("badge-100234", "Badge", "B."),
        ("3f2a9c1e-77aa", "", ""),
        ("@", "", ""),
        (None, "", ""),
    ],
)
def test_a_name_is_made_of_the_words_of_an_id(person_id: str | None, name: str, initials: str) -> None:
    assert shown_name(person_id, "name") == name
    assert shown_name(person_id, "initials") == initials
    assert shown_name(person_id, "nothing") == ""


class TestOutcomes:
    def test_every_reason_has_its_place(self) -> None:
        assert set(OUTCOMES) == set(Reason)
        assert set(filter(None, OUTCOMES.values())) == set(Outcome)

    @pytest.mark.parametrize(("show", "name"), [("name", "Grace Hopper"), ("initials", "G.H."), ("nothing", "")])
    def test_a_welcome_names_whom_it_may(self, show: Shown, name: str) -> None:
        assert heard(board(show), granted()) == [Happened(Outcome.WELCOME, name, NOW)]

    @pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.GRANTED])
    def test_no_refusal_names_anybody(self, reason: Reason) -> None:
        told = heard(board(), Decision(1, reason, 0.0, "grace.hopper"))
        assert all(isinstance(one, Happened) and one.name == "" for one in told)

    def test_a_picture_held_up_is_told_as_any_other_failure(self) -> None:
        spoof, liveness = (heard(board(), Decision(1, reason, 0.0)) for reason in (Reason.SPOOF, Reason.LIVENESS))
        assert spoof == liveness == [Happened(Outcome.TRY_AGAIN, "", NOW)]

    def test_a_grant_that_opened_nothing_welcomes_nobody(self) -> None:
        terminal = board()
        with terminal.listening() as messages:
            assert messages is not None
            messages.get_nowait()
            terminal.tell(granted(), None)
            assert messages.empty()

    def test_duress_looks_like_any_grant(self) -> None:
        assert heard(board(), granted(), event(EventType.DURESS)) == heard(board(), granted())


class TestStanding:
    def test_who_comes_back_is_told_how_things_stand_and_not_what_happened(self) -> None:
        terminal = board()
        terminal.guide(Hint.WAIT, stalled=False)
        heard(terminal, granted())
        with terminal.listening() as messages:
            assert messages is not None
            assert messages.get_nowait() == Standing(Hint.WAIT)
            assert messages.empty()

    def test_only_changes_are_told(self) -> None:
        terminal = board()
        with terminal.listening() as messages:
            assert messages is not None
            for hint in (Hint.IDLE, Hint.WAIT, Hint.WAIT, Hint.IDLE):
                terminal.guide(hint, stalled=False)
            told = [messages.get_nowait() for _ in range(messages.qsize())]
        assert told == [Standing(), Standing(Hint.WAIT), Standing()]

    def test_a_lockdown_and_an_open_door(self) -> None:
        terminal = board()
        terminal.tell_door(locked=True, lockdown=True, is_open=False)
        assert terminal.standing.door is DoorNotice.LOCKED_DOWN
        terminal.tell_event(event(EventType.HELD_OPEN))
        assert terminal.standing.door is DoorNotice.HELD_OPEN
        terminal.tell_event(event(EventType.HELD_OPEN_ENDED))
        assert terminal.standing.door is DoorNotice.LOCKED_DOWN
        terminal.tell_door(locked=True, lockdown=False, is_open=False)
        assert terminal.standing == Standing()

    def test_what_keeps_it_from_working(self) -> None:
        terminal = board()
        for kind, condition in (
            (EventType.DEVICE_LOST, Condition.DOOR),
            (EventType.DEVICE_LOST, Condition.DOOR),
            (EventType.DEVICE_BACK, Condition.DOOR),
            (EventType.DEVICE_BACK, Condition.GOOD),
            (EventType.DEVICE_BACK, Condition.GOOD),
            (EventType.DEVICE_LOST, Condition.DOOR),
        ):
            terminal.tell_event(event(kind))
            assert terminal.standing.condition is condition
        terminal.guide(Hint.IDLE, stalled=True)
        assert terminal.standing.condition is Condition.CAMERA

    def test_what_only_the_building_is_to_know_stays_off_the_screen(self) -> None:
        told_elsewhere = (EventType.FORCED, EventType.TAMPER, EventType.DURESS, EventType.LOCKOUT, EventType.PASSBACK)
        assert heard(board(), *map(event, told_elsewhere)) == []


def test_no_more_screens_than_it_is_made_for() -> None:
    terminal, opened = board(), []
    for _ in range(SCREENS):
        opened.append(terminal.listening())
        assert opened[-1].__enter__() is not None
    with terminal.listening() as one_too_many:
        assert one_too_many is None
    for one in opened:
        one.__exit__(None, None, None)
    with terminal.listening() as again:
        assert again is not None


def test_the_page_knows_every_word_that_it_may_be_sent() -> None:
    scene = (STATIC / "screen/scene.js").read_text(encoding="utf-8")
    known = set(re.findall(r"^  (\w+): \{\s*mood", scene, re.MULTILINE))
    standing = {*Hint, *Condition, *DoorNotice} - {Condition.GOOD, DoorNotice.NORMAL}
    assert known == {word.value for word in (*standing, *Outcome)}
