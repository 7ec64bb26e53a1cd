"""The policy with synthetic observations: no pixels, no clock, no sleeping."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.config.settings import Liveness, Policy
from daemon.types import Candidate, Challenge, Decision, Observation, Prompt, Reason
from daemon.vision.liveness import WINDOW_SECONDS
from daemon.vision.policy import AccessPolicy
from models.landmarks import LEFT_EYE_INNER, LEFT_EYE_OUTER, RIGHT_EYE_INNER, RIGHT_EYE_OUTER, Mesh
from models.quality import Quality

INTERVAL = 0.1
POLICY = Policy()
LIVENESS = Liveness()
THRESHOLD = 0.4

# An ellipsoid with the eyes 100 apart.
_ANGLES = np.random.default_rng(1).uniform(-1.2, 1.2, (468, 2))
HEAD = np.column_stack((90 * np.sin(_ANGLES[:, 0]), 120 * np.sin(_ANGLES[:, 1]), -90 * np.cos(_ANGLES).prod(axis=1)))
HEAD[[RIGHT_EYE_OUTER, RIGHT_EYE_INNER, LEFT_EYE_INNER, LEFT_EYE_OUTER]] = [
    [-62, -30, -55],
    [-38, -30, -75],
    [38, -30, -75],
    [62, -30, -55],
]

ANN, BOB = Candidate("ann", 0.7), Candidate("bob", 0.7)
ANN_FAR, BOB_FAR = Candidate("ann", 0.2), Candidate("bob", 0.1)


@dataclass(frozen=True)
class Look:
    """What one frame shows."""

    candidates: tuple[Candidate, ...] = (ANN, BOB_FAR)
    liveness: float | None = 0.9
    fault: Reason | None = None
    moire: float | None = None
    yaw: float | None = None
    eyes: float = 0.3
    solid: bool = True
    depth: float | None = None


ANN_LIVE = Look()
ANN_PICTURE = Look(liveness=0.1)
BOB_LIVE = Look((BOB, ANN_FAR))
STRANGER = Look((ANN_FAR, BOB_FAR))
STRANGER_PICTURE = Look((ANN_FAR, BOB_FAR), liveness=0.1)
TWINS = Look((ANN, Candidate("bob", 0.66)))
BLURRED = Look((), None, Reason.BLURRED)
TOO_SMALL = Look((), None, Reason.TOO_SMALL)
MASKED = Look((), None, Reason.MOUTH_COVERED)


class Door:
    """A policy with a time of its own, what it decided and what it asked."""

    def __init__(
        self, policy: Policy = POLICY, liveness: Liveness = LIVENESS, challenge: Challenge = Challenge.BLINK
    ) -> None:
        self.policy = AccessPolicy(policy=policy, liveness=liveness, choose=lambda _: challenge)
        self.now = 1000.0
        self.decisions: list[Decision] = []
        self.prompts: list[Prompt] = []

    def show(
        self, looks: Iterable[Look], *, track: int = 1, late: float = 0.0, every: float = INTERVAL
    ) -> list[Reason]:
        """Show one look a frame; the reasons of what was decided meanwhile."""
        before = len(self.decisions)
        for look in looks:
            self.now += every
            decision = self.policy.update(observation(look, self.now, track), self.now + late)
            if isinstance(decision, Prompt):
                self.prompts.append(decision)
            elif decision is not None:
                self.decisions.append(decision)
        return [decision.reason for decision in self.decisions[before:]]

    def wait(self, seconds: float) -> None:
        self.now += seconds


def observation(look: Look, captured: float, track: int = 1) -> Observation:
    return Observation(
        track_id=track,
        captured=captured,
        quality=Quality(200, look.yaw or 0.0, 0, 0, 100, 120, look.eyes, 0.3, 0.6),
        mesh=None if look.yaw is None else turned(look.yaw, solid=look.solid),
        moire=look.moire,
        depth_mm=look.depth,
        fault=look.fault,
        liveness=look.liveness,
        candidates=look.candidates,
        threshold=THRESHOLD,
    )


def turned(yaw: float, *, solid: bool) -> Mesh:
    """A head, or a flat picture of one, turned about the vertical axis and seen from 8 eye distances away."""
    head = HEAD if solid else HEAD * (1, 1, 0)
    cos, sin = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
    points = head @ np.array([[cos, 0, -sin], [0, 1, 0], [sin, 0, cos]])
    seen = points[:, :2] / (1 + points[:, 2:] / 800) + 300
    return Mesh(points=seen.astype(np.float32), depth=points[:, 2].astype(np.float32), presence=1.0)


@pytest.fixture
def door() -> Door:
    return Door()


def seconds(duration: float, look: Look) -> list[Look]:
    return [look] * round(duration / INTERVAL)


def test_a_live_person_is_granted_as_soon_as_the_frames_suffice(door: Door) -> None:
    assert door.show([ANN_LIVE] * 4) == []
    assert door.show([ANN_LIVE]) == [Reason.GRANTED]
    (decision,) = door.decisions
    assert decision.person_id == "ann"
    assert decision.captured == door.now
    assert decision.score == pytest.approx(0.7)
    assert decision.liveness == pytest.approx(0.9)


def test_a_track_is_granted_at_most_once(door: Door) -> None:
    assert door.show(seconds(60, ANN_LIVE)) == [Reason.GRANTED]
    assert not door.policy.wants(1, door.now)
    assert door.show([BOB_LIVE] * 30) == []


@pytest.mark.parametrize(
    ("looks", "reasons"),
    [
        pytest.param(seconds(1.5, STRANGER), [], id="a stranger gets time"),
        pytest.param(seconds(2, STRANGER), [Reason.UNKNOWN], id="a stranger is unknown"),
        pytest.param(seconds(2, Look(())), [Reason.UNKNOWN], id="an empty gallery knows nobody"),
        pytest.param(seconds(2, TWINS), [Reason.AMBIGUOUS], id="two people too close in score"),
        pytest.param(seconds(2, Look((ANN, ANN))), [Reason.AMBIGUOUS], id="no margin at all"),
        pytest.param([ANN_LIVE, BOB_LIVE] * 10, [Reason.AMBIGUOUS], id="two people in turns"),
        pytest.param([ANN_PICTURE] * 4, [Reason.SPOOF], id="a picture"),
        pytest.param([ANN_PICTURE] * 100, [Reason.SPOOF], id="a spoof verdict ends the track"),
        pytest.param([STRANGER_PICTURE] * 4, [Reason.SPOOF], id="a picture of a stranger"),
        pytest.param([ANN_PICTURE] * 4 + [ANN_LIVE] * 100, [Reason.SPOOF], id="nothing helps after a spoof verdict"),
        pytest.param(seconds(2, Look(liveness=0.4)), [Reason.LIVENESS], id="neither live nor clearly a picture"),
        pytest.param(seconds(2, BLURRED), [Reason.BLURRED], id="a fault"),
        pytest.param([TOO_SMALL] * 4 + [BLURRED] * 14, [Reason.BLURRED], id="the fault of the last second"),
        pytest.param(seconds(2, Look((), None)), [], id="a frame that tells nothing"),
        pytest.param([*[ANN_LIVE] * 4, BLURRED], [], id="a fault opens nothing"),
        pytest.param([*[ANN_LIVE] * 4, *[BLURRED] * 5, ANN_LIVE], [Reason.GRANTED], id="faults between are bridged"),
        pytest.param([*[ANN_LIVE] * 4, *[BLURRED] * 9, ANN_LIVE], [], id="a second old is forgotten"),
        pytest.param([ANN_LIVE] * 4 + [STRANGER] * 2 + [ANN_LIVE], [Reason.GRANTED], id="3 of the last 5"),
        pytest.param([ANN_LIVE] * 4 + [STRANGER] * 3 + [ANN_LIVE], [], id="2 of the last 5"),
        pytest.param([BOB_LIVE] + [ANN_LIVE] * 4, [], id="no other name among the last 5"),
        pytest.param([BOB_LIVE] + [ANN_LIVE] * 5, [Reason.GRANTED], id="another name before the last 5"),
        pytest.param([ANN_LIVE] * 4 + [STRANGER], [], id="the opening frame must show the person"),
        pytest.param([ANN_LIVE] * 4 + [TWINS], [], id="the opening frame must be unambiguous"),
        pytest.param([ANN_LIVE] * 4 + [Look(liveness=0.4)], [], id="the opening frame must be live"),
        pytest.param([Look(liveness=None)] * 30, [], id="no liveness, no comparison"),
    ],
)
def test_what_is_shown_and_what_is_told(door: Door, looks: Sequence[Look], reasons: list[Reason]) -> None:
    assert door.show(looks) == reasons


def test_a_denial_names_nobody(door: Door) -> None:
    for track, look in enumerate([STRANGER, TWINS, ANN_PICTURE, BLURRED]):
        door.show(seconds(3, look), track=track)
    assert len(door.decisions) == 4
    assert all(decision.person_id is None for decision in door.decisions)


class TestIdentitySwap:
    """A track that begins as one presentation and goes on as another."""

    def test_a_live_stranger_lends_nothing_to_a_picture(self, door: Door) -> None:
        # In a gallery of one person every stranger's best candidate is that person.
        assert Reason.GRANTED not in door.show([STRANGER] * 10 + [ANN_PICTURE] * 50)

    @pytest.mark.parametrize("liveness", [0.21, 0.4, 0.49])
    def test_not_even_to_a_good_picture(self, door: Door, liveness: float) -> None:
        for _ in range(10):
            assert Reason.GRANTED not in door.show([STRANGER] * 9 + [Look(liveness=liveness)] * 9)

    def test_a_live_colleague_lends_nothing_to_a_picture(self) -> None:
        door = Door()
        assert door.show([BOB_LIVE] * 4) == []
        assert Reason.GRANTED not in door.show([ANN_PICTURE] * 50)

    def test_a_cooling_person_lends_nothing_to_their_picture(self, door: Door) -> None:
        assert door.show([ANN_LIVE] * 5, track=1) == [Reason.GRANTED]
        door.show(seconds(4.5, ANN_LIVE), track=2)
        assert Reason.GRANTED not in door.show(seconds(10, ANN_PICTURE), track=2)

    def test_whoever_stands_there_now_is_granted(self, door: Door) -> None:
        assert door.show([STRANGER] * 10 + [BOB_LIVE] * 5) == [Reason.GRANTED]
        assert door.decisions[-1].person_id == "bob"


class TestFlicker:
    """A picture that the network takes for a person now and then."""

    @pytest.mark.parametrize("live_every", [3, 4, 5, 7])
    def test_it_is_never_granted(self, door: Door, live_every: int) -> None:
        looks = [ANN_LIVE if n % live_every == 0 else ANN_PICTURE for n in range(1, 300)]
        assert Reason.GRANTED not in door.show(looks)

    @pytest.mark.parametrize("live_every", [3, 4, 5, 7])
    def test_it_is_told_as_a_spoof_although_no_four_frames_follow_each_other(self, door: Door, live_every: int) -> None:
        looks = [ANN_LIVE if n % live_every == 0 else ANN_PICTURE for n in range(1, 20)]
        assert door.show(looks)[-1] is Reason.SPOOF

    def test_frames_between_the_thresholds_do_not_save_it(self, door: Door) -> None:
        assert door.show([*[ANN_PICTURE] * 3, Look(liveness=0.4), ANN_PICTURE]) == [Reason.SPOOF]

    def test_faults_do_not_save_it(self, door: Door) -> None:
        assert door.show([ANN_PICTURE, BLURRED] * 4) == [Reason.SPOOF]

    def test_a_person_may_look_bad_for_a_moment(self, door: Door) -> None:
        assert door.show([ANN_PICTURE] * 3 + [ANN_LIVE] * 5) == [Reason.GRANTED]

    def test_bad_moments_do_not_add_up(self, door: Door) -> None:
        strangers_bad_moments = ([STRANGER_PICTURE] * 3 + [STRANGER] * 3) * 50
        assert Reason.SPOOF not in door.show(strangers_bad_moments)


class TestCues:
    """What speaks against a presentation besides the network, by level."""

    SCREEN = Look(moire=0.7)
    # Turning to and fro, a head's parts move against each other; a picture's do not.
    HEAD = (Look(yaw=0), Look(yaw=20), Look(yaw=40), Look(yaw=20)) * 5
    SHEET = tuple(replace(look, solid=False) for look in HEAD)

    def level(self, level: str, **more: object) -> Door:
        return Door(liveness=Liveness.model_validate({"level": level, **more}))

    @pytest.mark.parametrize("looks", [[SCREEN] * 10, SHEET, [replace(SCREEN, moire=float("nan"))] * 10])
    @pytest.mark.parametrize("level", ["standard", "strict"])
    def test_an_attack_ends_the_track(self, level: str, looks: Sequence[Look]) -> None:
        stranger = [replace(look, candidates=STRANGER.candidates) for look in looks]
        assert self.level(level).show(stranger) == [Reason.SPOOF]

    def test_a_screen_is_never_granted(self, door: Door) -> None:
        assert door.show([self.SCREEN] * 10) == [Reason.SPOOF]

    def test_a_head_that_turns_is_no_attack(self) -> None:
        stranger = [replace(look, candidates=STRANGER.candidates) for look in self.HEAD]
        assert Reason.SPOOF not in self.level("standard").show(stranger)

    def test_convenience_asks_the_network_alone(self) -> None:
        assert self.level("convenience").show([self.SCREEN] * 5) == [Reason.GRANTED]

    def test_a_blink_that_is_demanded_must_be_seen(self) -> None:
        door = self.level("standard", also=["blink"])
        assert set(door.show([ANN_LIVE] * 40)) == {Reason.LIVENESS}
        assert door.show([EYES_SHUT, ANN_LIVE]) == [Reason.GRANTED]

    @pytest.mark.parametrize("between", [STRANGER, replace(ANN_LIVE, candidates=())])
    def test_somebody_else_cannot_blink_for_a_picture(self, between: Look) -> None:
        door = self.level("standard", also=["blink"])
        shut = replace(between, eyes=0.05)
        looks = [*[ANN_LIVE] * 5, *[between] * 9, shut, between, between, *[ANN_LIVE] * 50]
        assert Reason.GRANTED not in door.show(looks)

    @pytest.mark.parametrize("candidates", [(), STRANGER.candidates, BOB_LIVE.candidates])
    def test_nor_behind_a_fault(self, candidates: tuple[Candidate, ...]) -> None:
        door = self.level("standard", also=["blink"])
        shut = replace(EYES_SHUT, candidates=candidates)
        masked = [replace(MASKED, eyes=eyes) for eyes in (0.05, 0.3)]
        for blink in ([shut], [shut, *masked], masked, [*masked, EYES_SHUT, *masked]):
            assert Reason.GRANTED not in door.show([*[ANN_LIVE] * 10, *[MASKED] * 2, *blink, *[ANN_LIVE] * 5])

    def test_a_persons_own_blink_outlasts_a_fault(self) -> None:
        door = self.level("standard", also=["blink"])
        assert door.show([*[ANN_LIVE] * 9, MASKED, EYES_SHUT, ANN_LIVE]) == [Reason.GRANTED]
        other = self.level("standard", also=["blink"])
        low = replace(ANN_LIVE, candidates=(Candidate("ann", 0.39),))
        assert other.show([*[ANN_LIVE] * 9, EYES_SHUT, low, BLURRED, ANN_LIVE]) == [Reason.GRANTED]

    def test_a_depth_that_is_demanded_must_be_seen(self) -> None:
        assert Reason.GRANTED not in self.level("standard", also=["depth"]).show([ANN_LIVE] * 50)

    @pytest.mark.parametrize("before", [0, 3])
    def test_a_live_stranger_lends_no_clean_picture_to_a_screen(self, door: Door, before: int) -> None:
        own = replace(STRANGER, moire=0.0)
        looks = [own] * 4 + [self.SCREEN] * before + [own] * 13 + [self.SCREEN] * 9
        assert door.show(looks, every=0.04) == [Reason.SPOOF]

    @pytest.mark.parametrize(("depth", "reasons"), [(0.3, [Reason.SPOOF]), (None, [])])
    def test_nor_any_depth_to_a_picture(self, depth: float | None, reasons: list[Reason]) -> None:
        door = self.level("standard", also=["depth"])
        stranger, picture = replace(STRANGER, depth=12.0), replace(ANN_LIVE, depth=depth)
        assert door.show([stranger] * 13 + [picture] * 13, every=0.04) == reasons

    def test_nor_the_motion_of_a_head_to_a_sheet(self) -> None:
        door = self.level("standard", also=["blink"])
        head = [replace(look, candidates=STRANGER.candidates) for look in self.HEAD]
        masked = [replace(look, candidates=(), liveness=None, fault=Reason.MOUTH_COVERED) for look in self.HEAD]
        assert door.show([*head, *masked, *self.SHEET[:10]])[-1] is Reason.SPOOF


# Less like the reference than with open eyes.
EYES_SHUT = Look((Candidate("ann", 0.35), BOB_FAR), None, Reason.EYES_CLOSED, eyes=0.05)
ANN_FRONT = replace(ANN_LIVE, yaw=0)
TURNED_AWAY = Look((), None, Reason.NOT_FRONTAL, yaw=40)


class TestChallenge:
    """At level strict a person does what is asked before the door opens."""

    @pytest.fixture
    def strict(self) -> Callable[[Challenge], Door]:
        return lambda challenge: Door(liveness=Liveness(level="strict"), challenge=challenge)

    def test_nothing_opens_before_the_answer(self, strict: Callable[[Challenge], Door]) -> None:
        door = strict(Challenge.TURN_LEFT)
        assert door.show(seconds(5.9, ANN_FRONT)) == []
        (prompt,) = door.prompts
        assert prompt.challenge is Challenge.TURN_LEFT
        assert prompt.deadline == prompt.captured + LIVENESS.challenge_seconds

    @pytest.mark.parametrize(
        ("challenge", "answer"),
        [
            (Challenge.TURN_LEFT, [replace(ANN_LIVE, yaw=yaw) for yaw in (0, 8, 16, 24, 16, 8, 0)]),
            (Challenge.TURN_RIGHT, [replace(ANN_LIVE, yaw=-yaw) for yaw in (0, 8, 16, 24, 16, 8, 0)]),
            (Challenge.BLINK, [*[ANN_FRONT] * 9, EYES_SHUT, ANN_FRONT, ANN_FRONT]),
        ],
    )
    def test_the_answer_opens(
        self, strict: Callable[[Challenge], Door], challenge: Challenge, answer: list[Look]
    ) -> None:
        door = strict(challenge)
        assert door.show([ANN_FRONT] * 5) == []
        assert door.show(answer) == [Reason.GRANTED]

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param([replace(ANN_LIVE, yaw=-yaw) for yaw in (8, 16, 24, 0)], id="the wrong side"),
            pytest.param([replace(ANN_LIVE, yaw=yaw) for yaw in (4, 8, 12, 0)], id="not far enough"),
            pytest.param(
                [replace(ANN_LIVE, yaw=yaw, solid=False) for yaw in (12, 24, 0)], id="a picture that is tilted"
            ),
            pytest.param([replace(STRANGER, yaw=yaw) for yaw in (0, 12, 24, 0)], id="a stranger turns"),
            pytest.param([replace(BOB_LIVE, yaw=yaw) for yaw in (0, 12, 24, 0)], id="a colleague turns"),
            pytest.param([replace(ANN_LIVE, candidates=(), yaw=24)], id="nobody turns"),
            pytest.param([replace(STRANGER, yaw=0), replace(ANN_LIVE, yaw=24)], id="who had somebody else between"),
            pytest.param([TURNED_AWAY], id="who turns so far that nobody can tell who it is"),
        ],
    )
    def test_another_answer_does_not(self, strict: Callable[[Challenge], Door], answer: list[Look]) -> None:
        door = strict(Challenge.TURN_LEFT)
        door.show([ANN_FRONT] * 5)
        assert Reason.GRANTED not in door.show([*answer, *[ANN_FRONT] * 100])

    @pytest.mark.parametrize("blinks", [MASKED, replace(EYES_SHUT, candidates=STRANGER.candidates)])
    def test_nobody_else_blinks_as_asked(self, strict: Callable[[Challenge], Door], blinks: Look) -> None:
        door = strict(Challenge.BLINK)
        door.show([ANN_FRONT] * 5)
        masked = [replace(MASKED, yaw=0)] * 10
        answer = [*[ANN_FRONT] * 9, *masked, *[replace(blinks, yaw=0, eyes=0.05)] * 3, *masked[:2]]
        assert Reason.GRANTED not in door.show([*answer, *[ANN_FRONT] * 25])

    def test_a_late_answer_is_told_and_asked_again(self, strict: Callable[[Challenge], Door]) -> None:
        door = strict(Challenge.TURN_LEFT)
        assert door.show(seconds(6.6, ANN_FRONT)) == [Reason.CHALLENGE]
        assert door.show([replace(ANN_LIVE, yaw=24)]) == []
        assert door.show(seconds(2.5, ANN_FRONT)) == []
        assert len(door.prompts) == 2
        assert door.show([replace(ANN_LIVE, yaw=yaw) for yaw in (12, 24, 0)]) == [Reason.GRANTED]

    def test_nobody_is_asked_in_a_lockout(self) -> None:
        door = Door(POLICY.model_copy(update={"lockout_spoofs": 1}), Liveness(level="strict"))
        door.show([ANN_PICTURE] * 4, track=1)
        door.show(seconds(20, BOB_LIVE), track=2)
        assert door.prompts == []

    def test_strangers_are_not_asked(self, strict: Callable[[Challenge], Door]) -> None:
        door = strict(Challenge.BLINK)
        door.show([STRANGER] * 100)
        assert door.prompts == []


class TestNotANumber:
    """Whatever a network answers, only a good value opens."""

    NAN = float("nan")

    def test_as_liveness(self, door: Door) -> None:
        assert Reason.GRANTED not in door.show(seconds(10, Look(liveness=self.NAN)))

    def test_once_as_liveness(self, door: Door) -> None:
        assert door.show([*[ANN_LIVE] * 4, Look(liveness=self.NAN), ANN_LIVE]) == []

    def test_as_score(self, door: Door) -> None:
        assert Reason.GRANTED not in door.show(seconds(10, Look((Candidate("ann", self.NAN),))))

    def test_as_the_second_score(self, door: Door) -> None:
        assert Reason.GRANTED not in door.show(seconds(10, Look((ANN, Candidate("bob", self.NAN)))))


class TestTime:
    def test_a_frame_at_its_deadline_opens(self, door: Door) -> None:
        # 1000 s is exact in binary; 1001 − 1000 is just the deadline.
        looks = [observation(ANN_LIVE, 1000 - 0.1 * n) for n in range(4, -1, -1)]
        decisions = [door.policy.update(look, 1001.0) for look in looks]
        assert [d.reason for d in decisions if isinstance(d, Decision)] == [Reason.GRANTED]

    def test_a_stale_frame_opens_nothing(self, door: Door) -> None:
        assert door.show(seconds(10, ANN_LIVE), late=1.1) == [Reason.STALE] * 5

    def test_a_fresh_frame_after_stale_ones_opens(self, door: Door) -> None:
        assert door.show([ANN_LIVE] * 6, late=1.1) == [Reason.STALE]
        assert door.show([ANN_LIVE]) == [Reason.GRANTED]

    def test_a_frame_of_the_future_opens_nothing(self, door: Door) -> None:
        assert door.show(seconds(1, ANN_LIVE), late=-0.5) == [Reason.STALE]

    def test_a_frame_counts_once(self, door: Door) -> None:
        for _ in range(100):
            assert door.policy.update(observation(ANN_LIVE, 1000.0), 1000.0) is None

    def test_time_that_goes_back_changes_nothing(self, door: Door) -> None:
        door.show([STRANGER])
        for n in range(1, 100):
            captured = door.now - n * INTERVAL
            assert door.policy.update(observation(ANN_LIVE, captured), captured) is None

    def test_time_that_goes_back_does_not_shorten_the_cooldown(self, door: Door) -> None:
        door.show([ANN_LIVE] * 5, track=1)
        door.wait(-100)
        assert door.show([ANN_LIVE] * 10, track=2) == []

    def test_a_slow_camera_still_opens(self, door: Door) -> None:
        decisions = [door.policy.update(observation(ANN_LIVE, n / 5), n / 5) for n in range(6)]
        assert [d.reason for d in decisions if isinstance(d, Decision)] == [Reason.GRANTED]


class TestPatience:
    """Denials are told, seldom, and never stop a later grant."""

    def test_denials_are_told_at_most_every_retry_seconds(self, door: Door) -> None:
        reasons = door.show(seconds(60, STRANGER))
        times = [decision.captured for decision in door.decisions]
        assert reasons == [Reason.UNKNOWN] * len(reasons)
        assert 15 <= len(reasons) <= 30
        assert min(b - a for a, b in pairwise(times)) >= POLICY.retry_seconds

    @pytest.mark.parametrize("look", [STRANGER, TWINS, BLURRED, TOO_SMALL, Look(liveness=0.4), Look(())])
    def test_someone_who_first_looked_bad_is_granted(self, door: Door, look: Look) -> None:
        assert Reason.GRANTED not in door.show(seconds(10, look))
        assert door.show(seconds(1.1, ANN_LIVE)) == [Reason.GRANTED]

    def test_the_time_for_a_grant_begins_with_the_first_clear_frame(self, door: Door) -> None:
        assert door.show(seconds(1.4, TOO_SMALL)) == []
        assert door.show(seconds(1.4, STRANGER)) == []
        assert door.show(seconds(0.3, STRANGER)) == [Reason.UNKNOWN]

    def test_and_begins_anew_after_a_second_without_one(self, door: Door) -> None:
        assert door.show([STRANGER]) == []
        assert door.show(seconds(4.7, TOO_SMALL)) == [Reason.TOO_SMALL]
        assert door.show(seconds(1.4, STRANGER)) == []
        assert door.show(seconds(0.3, STRANGER)) == [Reason.UNKNOWN]

    def test_too_few_frames_for_liveness_are_told(self, door: Door) -> None:
        looks = [ANN_LIVE, BLURRED, BLURRED] * 10
        assert door.show(looks)[0] is Reason.LIVENESS

    def test_a_gallery_that_was_emptied_meanwhile(self, door: Door) -> None:
        door.show([ANN_LIVE] * 5, track=1)
        door.show(seconds(2, ANN_LIVE), track=2)
        assert Reason.GRANTED not in door.show([Look(())] * 100, track=2)


class TestCooldown:
    def test_the_same_person_waits_and_is_told_nothing(self, door: Door) -> None:
        assert door.show([ANN_LIVE] * 5, track=1) == [Reason.GRANTED]
        assert door.show(seconds(4.9, ANN_LIVE), track=2) == []
        assert door.show(seconds(0.2, ANN_LIVE), track=2) == [Reason.GRANTED]

    def test_another_person_does_not_wait(self, door: Door) -> None:
        assert door.show([ANN_LIVE] * 5, track=1) == [Reason.GRANTED]
        assert door.show([BOB_LIVE] * 5, track=2) == [Reason.GRANTED]

    def test_a_stale_grant_starts_none(self, door: Door) -> None:
        door.show([ANN_LIVE] * 5, track=1, late=5)
        assert door.show([ANN_LIVE] * 5, track=2) == [Reason.GRANTED]

    def test_the_cooling_of_one_does_not_hide_what_another_lacks(self, door: Door) -> None:
        door.show([ANN_LIVE] * 5, track=1)
        bob_seldom_seen_well = [BOB_LIVE, BLURRED, BLURRED, BLURRED]
        assert Reason.LIVENESS in door.show(bob_seldom_seen_well * 10, track=2)


class TestRefused:
    """What the access rules refuse ends no track."""

    def test_a_face_that_stays_is_granted_again_after_the_usual_pause(self, door: Door) -> None:
        assert door.show([ANN_LIVE] * 5) == [Reason.GRANTED]
        grant = door.decisions[-1]
        door.policy.refused(grant, float("-inf"))
        assert not door.policy.wants(1, grant.captured + POLICY.retry_seconds - 0.01)
        assert door.policy.wants(1, grant.captured + POLICY.retry_seconds)
        assert door.show(seconds(POLICY.retry_seconds - INTERVAL, ANN_LIVE)) == []
        assert door.show([ANN_LIVE] * 5) == [Reason.GRANTED]

    def test_a_face_rests_for_as_long_as_the_rules_wait(self, door: Door) -> None:
        door.show([ANN_LIVE] * 5)
        door.policy.refused(door.decisions[-1], door.now + 15)
        assert door.show(seconds(14.5, BLURRED)) == []
        assert door.show(seconds(1.5, ANN_LIVE)) == [Reason.GRANTED]

    def test_its_person_may_come_back_as_another_track(self, door: Door) -> None:
        door.show([ANN_LIVE] * 5)
        door.policy.refused(door.decisions[-1], door.now + 300)
        assert door.show(seconds(POLICY.retry_seconds - INTERVAL, ANN_LIVE), track=2) == []
        assert door.show([ANN_LIVE] * 2, track=2) == [Reason.GRANTED]

    def test_frames_from_before_the_rest_do_not_count_after_it(self, door: Door) -> None:
        door.show([ANN_LIVE] * 5)
        door.policy.refused(door.decisions[-1], float("-inf"))
        door.wait(POLICY.retry_seconds)
        assert door.show([ANN_LIVE] * 4) == []
        assert door.show([ANN_LIVE]) == [Reason.GRANTED]

    def test_a_picture_put_in_the_place_of_a_face_that_rests_is_a_spoof(self, door: Door) -> None:
        door.show([ANN_LIVE] * 5)
        door.policy.refused(door.decisions[-1], float("-inf"))
        door.wait(POLICY.retry_seconds)
        assert door.show([ANN_PICTURE] * 4) == [Reason.SPOOF]

    def test_the_proofs_have_to_be_brought_again(self) -> None:
        door = Door(liveness=Liveness(level="strict"))
        blink = [ANN_LIVE] * 5 + [Look(eyes=0.05)] * 2 + [ANN_LIVE] * 5
        assert door.show([*blink, *blink]) == [Reason.GRANTED]
        assert len(door.prompts) == 1
        door.policy.refused(door.decisions[-1], float("-inf"))
        door.wait(POLICY.retry_seconds)
        assert door.show([ANN_LIVE] * 8) == []
        assert len(door.prompts) == 2

    def test_a_track_that_is_gone_is_no_matter(self, door: Door) -> None:
        door.show([ANN_LIVE] * 5)
        door.policy.retain([])
        door.policy.refused(door.decisions[-1], float("-inf"))
        assert door.policy.wants(1, door.now)


class TestLockout:
    def spoof(self, door: Door, times: int, *, pause: float = 0.0, first_track: int = 100) -> None:
        for n in range(times):
            assert door.show([ANN_PICTURE] * 4, track=first_track + n)[-1] is Reason.SPOOF
            door.wait(pause)

    def test_spoof_verdicts_lock_everybody_out_for_a_while(self, door: Door) -> None:
        self.spoof(door, POLICY.lockout_spoofs)
        assert set(door.show(seconds(29.5, BOB_LIVE))) == {Reason.LOCKOUT}
        assert door.show(seconds(1, BOB_LIVE)) == [Reason.GRANTED]

    def test_lockout_is_told_at_once_and_then_seldom(self, door: Door) -> None:
        self.spoof(door, POLICY.lockout_spoofs)
        assert door.show([BOB_LIVE]) == [Reason.LOCKOUT]
        assert door.show(seconds(1.9, BOB_LIVE)) == []
        assert door.show(seconds(0.2, BOB_LIVE)) == [Reason.LOCKOUT]

    def test_fewer_do_not(self, door: Door) -> None:
        self.spoof(door, POLICY.lockout_spoofs - 1)
        assert door.show([BOB_LIVE] * 5) == [Reason.GRANTED]

    def test_seldom_ones_do_not(self, door: Door) -> None:
        self.spoof(door, 50, pause=15)
        assert door.show([BOB_LIVE] * 5) == [Reason.GRANTED]

    def test_one_spoof_verdict_may_be_enough(self) -> None:
        door = Door(POLICY.model_copy(update={"lockout_spoofs": 1}))
        self.spoof(door, 1)
        assert door.show([BOB_LIVE] * 5) == [Reason.LOCKOUT]

    def test_spoofs_during_a_lockout_lead_to_the_next(self, door: Door) -> None:
        self.spoof(door, POLICY.lockout_spoofs, first_track=100)
        door.wait(25)
        self.spoof(door, POLICY.lockout_spoofs, first_track=200)
        assert set(door.show(seconds(28, BOB_LIVE))) == {Reason.LOCKOUT}

    def test_a_track_that_was_nearly_granted_is_locked_out_too(self, door: Door) -> None:
        assert door.show([BOB_LIVE] * 4) == []
        self.spoof(door, POLICY.lockout_spoofs)
        assert door.show([BOB_LIVE] * 5) == [Reason.LOCKOUT]


class TestTracks:
    def test_tracks_do_not_lend_each_other_frames(self, door: Door) -> None:
        for _ in range(50):
            assert door.show([ANN_LIVE] * 2, track=1) == []
            door.policy.retain([])

    def test_two_tracks_side_by_side_are_judged_apart(self, door: Door) -> None:
        reasons = []
        for _ in range(5):
            reasons += door.show([ANN_LIVE], track=1)
            reasons += door.show([STRANGER_PICTURE], track=2)
        assert reasons == [Reason.SPOOF, Reason.GRANTED]

    def test_what_the_tracker_still_follows_stays_settled(self, door: Door) -> None:
        door.show([ANN_PICTURE] * 4, track=7)
        door.policy.retain([7, 8])
        assert not door.policy.wants(7, door.now)
        assert door.show([BOB_LIVE] * 10, track=7) == []

    def test_what_it_lost_is_forgotten(self, door: Door) -> None:
        door.show([ANN_PICTURE] * 4, track=7)
        door.policy.retain([8])
        assert door.policy.wants(7, door.now)


# Values at, next to and far from every threshold.
looks = st.builds(
    Look,
    candidates=st.sampled_from([(), (ANN,), (ANN, BOB_FAR), (BOB, ANN_FAR), (ANN_FAR, BOB_FAR), TWINS.candidates]),
    liveness=st.sampled_from([0.0, 0.19, 0.2, 0.21, 0.49, 0.5, 0.51, 0.9, 1.0, float("nan")]),
) | st.sampled_from([BLURRED, TOO_SMALL])


@dataclass(frozen=True)
class Step:
    look: Look
    track: int
    elapsed: float
    late: float
    lost: bool


steps = st.lists(
    st.builds(
        Step,
        look=st.sampled_from([ANN_LIVE, BOB_LIVE, ANN_PICTURE]) | looks,
        track=st.integers(1, 3),
        elapsed=st.sampled_from([0.03, 0.03, 0.1, 0.3, 1.0, 6.0, 0.0, -0.1]),
        late=st.sampled_from([0.0, 0.1, 0.1, 1.0, 1.5, -0.1]),
        lost=st.sampled_from([False] * 20 + [True]),
    ),
    max_size=100,
)


@dataclass
class Shown:
    """All that a track has shown until a decision."""

    frames: list[Observation]
    decision: Decision
    now: float


def play(script: Sequence[Step], policy: Policy = POLICY) -> list[Shown]:
    """Run a script; a lost track goes on under a new number, as the tracker does it."""
    access = Door(policy).policy
    numbers = {1: 1, 2: 2, 3: 3}
    history: dict[int, list[Observation]] = defaultdict(list)
    shown = []
    captured = 1000.0
    for step in script:
        captured += step.elapsed
        if step.lost:
            numbers[step.track] = max(numbers.values()) + 1
            access.retain(numbers.values())
        seen = observation(step.look, captured, numbers[step.track])
        history[seen.track_id].append(seen)
        decision = access.update(seen, captured + step.late)
        if isinstance(decision, Decision):
            shown.append(Shown(list(history[seen.track_id]), decision, captured + step.late))
    return shown


@settings(max_examples=150)
@given(steps)
def test_a_grant_rests_on_live_frames_of_that_person(script: Sequence[Step]) -> None:
    for shown in play(script):
        if not shown.decision.granted:
            continue
        latest = shown.frames[-1]
        supporting = {
            o.captured: o
            for o in shown.frames
            if 0 <= latest.captured - o.captured <= WINDOW_SECONDS
            and o.candidates
            and o.candidates[0].person_id == shown.decision.person_id
            and o.candidates[0].score >= THRESHOLD
            and o.liveness is not None
        }
        live = [o for o in supporting.values() if o.liveness >= LIVENESS.threshold]  # type: ignore[operator]
        assert latest in live
        assert len(live) >= POLICY.agreeing_frames
        assert len(supporting) >= LIVENESS.min_frames
        assert sum(o.liveness or 0 for o in supporting.values()) / len(supporting) >= LIVENESS.threshold - 1e-9


@settings(max_examples=100)
@given(steps)
def test_a_track_gets_one_grant_and_nothing_after_a_final_verdict(script: Sequence[Step]) -> None:
    settled = set()
    for shown in play(script):
        assert shown.decision.track_id not in settled
        if shown.decision.reason in (Reason.GRANTED, Reason.SPOOF):
            settled.add(shown.decision.track_id)


@settings(max_examples=100)
@given(steps)
def test_only_fresh_frames_are_granted(script: Sequence[Step]) -> None:
    for shown in play(script):
        if shown.decision.granted:
            assert 0 <= shown.now - shown.decision.captured <= POLICY.grant_deadline_seconds
            assert shown.decision.captured == shown.frames[-1].captured


@settings(max_examples=100)
@given(steps)
def test_nothing_is_granted_in_a_lockout(script: Sequence[Step]) -> None:
    policy = POLICY.model_copy(update={"lockout_spoofs": 1, "lockout_seconds": 5.0})
    locked_until = float("-inf")
    for shown in play(script, policy):
        if shown.decision.granted:
            assert shown.decision.captured >= locked_until
        elif shown.decision.reason is Reason.SPOOF:
            locked_until = shown.decision.captured + policy.lockout_seconds


@settings(max_examples=100)
@given(steps)
def test_denials_of_a_track_are_seldom(script: Sequence[Step]) -> None:
    told: dict[int, float] = {}
    for shown in play(script):
        decision = shown.decision
        if decision.reason not in (Reason.GRANTED, Reason.SPOOF):
            assert decision.captured >= told.get(decision.track_id, float("-inf")) + POLICY.retry_seconds
            told[decision.track_id] = decision.captured


@settings(max_examples=100)
@given(steps)
def test_a_person_is_granted_no_more_often_than_the_cooldown_allows(script: Sequence[Step]) -> None:
    granted: dict[str, float] = {}
    for shown in play(script):
        person = shown.decision.person_id
        if person is not None:
            assert shown.decision.captured - granted.get(person, float("-inf")) >= POLICY.cooldown_seconds
            granted[person] = shown.decision.captured


@settings(max_examples=100)
@given(steps)
def test_whatever_happened_a_new_live_track_is_granted_in_the_end(script: Sequence[Step]) -> None:
    access = Door().policy
    captured = 1000.0
    for step in script:
        captured += max(0.0, step.elapsed)
        access.update(observation(step.look, captured, step.track), captured)
    captured += POLICY.lockout_seconds
    times = [captured + n * INTERVAL for n in range(5)]
    decisions = [access.update(observation(ANN_LIVE, time, 99), time) for time in times]
    assert [d.reason for d in decisions if isinstance(d, Decision)] == [Reason.GRANTED]


def test_the_threshold_is_that_of_the_frame(door: Door) -> None:
    for n in range(20):
        captured = door.now + n * INTERVAL
        strict = replace(observation(ANN_LIVE, captured), threshold=0.71)
        decision = door.policy.update(strict, captured)
        assert not isinstance(decision, Decision) or decision.reason is Reason.UNKNOWN
