"""What a person is told to do, from frames without pixels, and that it doesn't flicker."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.live.guidance import Guide, Hint, Steady, hint_of
from daemon.types import Challenge, Decision, Glance, Prompt, Reason
from tests.daemon.live.glances import face, frame, nobody, seen

MIN_SIZE = 112.0
FPS = 25


@pytest.mark.parametrize(
    ("glance", "hint"),
    [
        (nobody(), Hint.IDLE),
        (seen(), Hint.WAIT),
        (seen(fault=Reason.TOO_SMALL), Hint.COME_CLOSER),
        (seen(fault=Reason.NOT_FRONTAL), Hint.LOOK_HERE),
        (seen(fault=Reason.TOO_DARK), Hint.MORE_LIGHT),
        (seen(fault=Reason.TOO_BRIGHT), Hint.LESS_LIGHT),
        (seen(fault=Reason.EYES_COVERED), Hint.SHOW_EYES),
        (seen(fault=Reason.MOUTH_COVERED), Hint.UNCOVER),
        (seen(fault=Reason.BLURRED), Hint.HOLD_STILL),
        (seen(fault=Reason.EYES_CLOSED), Hint.OPEN_EYES),
        (seen(presence=0.98), Hint.UNCOVER),
        (seen(presence=None), Hint.UNCOVER),
        (seen(presence=float("nan")), Hint.UNCOVER),
        (seen(presence=0.98, fault=Reason.TOO_DARK), Hint.MORE_LIGHT),
        (Glance(frame(), (face(),)), Hint.DONE),
        (seen(faces=(face(44),)), Hint.IDLE),
        (seen(faces=(face(46),), fault=Reason.TOO_SMALL), Hint.COME_CLOSER),
        (seen(faces=(face(200), face(150, left=350, track_id=2))), Hint.ONE_AT_A_TIME),
        (seen(faces=(face(200), face(140, left=350, track_id=2))), Hint.WAIT),
        (seen(faces=(face(44), face(44, left=350, track_id=2))), Hint.IDLE),
    ],
)
def test_a_frame_by_itself(glance: Glance, hint: Hint) -> None:
    assert hint_of(glance, min_size_px=MIN_SIZE) is hint


def test_there_is_a_hint_for_every_fault_of_a_face() -> None:
    faults = (Reason.TOO_SMALL, Reason.NOT_FRONTAL, Reason.BLURRED, Reason.TOO_DARK, Reason.TOO_BRIGHT)
    assert len({hint_of(seen(fault=fault), min_size_px=MIN_SIZE) for fault in faults}) == len(faults)


def shown(hints: Iterable[Hint], *, fps: float = FPS) -> list[Hint]:
    """What stands on the screen after each frame."""
    steady = Steady()
    return [steady.update(hint, number / fps) for number, hint in enumerate(hints)]


def changes(values: Iterable[Hint]) -> list[Hint]:
    """Each value that differs from the one before it."""
    listed = list(values)
    return listed[:1] + [after for before, after in pairwise(listed) if after is not before]


class TestSteady:
    def test_who_comes_is_told_within_half_a_second(self) -> None:
        told = shown([Hint.IDLE] * FPS + [Hint.COME_CLOSER] * FPS)
        assert told[FPS - 1] is Hint.IDLE
        assert told[FPS + FPS // 2] is Hint.COME_CLOSER

    def test_one_odd_frame_changes_nothing(self) -> None:
        told = shown([Hint.WAIT] * FPS + [Hint.HOLD_STILL] + [Hint.WAIT] * FPS)
        assert changes(told) == [Hint.WAIT]

    def test_two_hints_in_turn_do_not_flicker(self) -> None:
        told = shown([Hint.HOLD_STILL, Hint.LOOK_HERE] * (2 * FPS))
        assert len(changes(told)) <= 1 + 4

    def test_a_glimpse_of_nobody_is_no_leave(self) -> None:
        told = shown([Hint.WAIT] * FPS + [Hint.IDLE] * FPS + [Hint.WAIT] * FPS)
        assert changes(told) == [Hint.WAIT]

    def test_who_left_is_gone_after_a_while(self) -> None:
        told = shown([Hint.WAIT] * FPS + [Hint.IDLE] * (2 * FPS))
        assert told[-1] is Hint.IDLE

    @pytest.mark.parametrize("hint", [Hint.DONE, Hint.TURN_LEFT, Hint.TURN_RIGHT, Hint.BLINK])
    def test_what_follows_a_decision_follows_at_once(self, hint: Hint) -> None:
        assert shown([Hint.WAIT] * FPS + [hint])[-1] is hint

    @given(st.lists(st.sampled_from(Hint), max_size=400), st.sampled_from([5.0, 12.0, 30.0]))
    def test_no_hint_but_those_at_once_comes_before_the_last_was_read(self, hints: list[Hint], fps: float) -> None:
        told = shown(hints, fps=fps)
        at_once = {Hint.DONE, Hint.TURN_LEFT, Hint.TURN_RIGHT, Hint.BLINK}
        since, last = 0.0, Hint.IDLE
        for number, hint in enumerate(told):
            if hint is not last:
                early = number / fps - since < Steady.SHOWN_SECONDS
                assert not early or hint in at_once or last in {Hint.IDLE, Hint.DONE}
                since, last = number / fps, hint

    @given(st.lists(st.sampled_from(Hint), max_size=200), st.sampled_from(Hint))
    def test_what_lasts_is_shown_whatever_was_before(self, before: list[Hint], hint: Hint) -> None:
        assert shown([*before, *[hint] * (3 * FPS)])[-1] is hint


class TestChallenge:
    PROMPT = Prompt(1, Challenge.TURN_LEFT, captured=1.0, deadline=7.0)

    def guide(self) -> Guide:
        guide = Guide(min_size_px=MIN_SIZE)
        for number in range(FPS):
            guide.update(seen(at=number / FPS))
        assert guide.update(seen(at=1.0, outcome=self.PROMPT)) is Hint.TURN_LEFT
        return guide

    def test_stands_until_it_is_answered(self) -> None:
        guide = self.guide()
        assert guide.update(seen(at=2.0, fault=Reason.NOT_FRONTAL)) is Hint.TURN_LEFT
        granted = Decision(1, Reason.GRANTED, 2.1, "anna")
        guide.update(seen(at=2.1, outcome=granted))
        assert guide.update(Glance(frame(2.2), (face(),))) is Hint.DONE

    def test_stands_while_the_turned_head_is_lost_from_sight(self) -> None:
        assert self.guide().update(nobody(1.5)) is Hint.TURN_LEFT

    def test_ends_at_its_deadline(self) -> None:
        guide = self.guide()
        told = [guide.update(seen(at=7.1 + number / FPS)) for number in range(2 * FPS)]
        assert told[-1] is Hint.WAIT

    def test_is_not_ended_by_what_is_decided_about_another(self) -> None:
        guide = self.guide()
        guide.update(seen(at=2.0, outcome=Decision(2, Reason.UNKNOWN, 2.0)))
        assert guide.update(seen(at=2.1)) is Hint.TURN_LEFT
