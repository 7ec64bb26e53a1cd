"""Challenges at the level `strict`, on meshes drawn in perspective; and the policy that puts them."""

from collections.abc import Sequence

import pytest

from daemon.config.settings import Liveness, Policy
from daemon.types import Candidate, Challenge, Decision, Observation, Prompt, Reason
from daemon.vision.challenge import ChallengeTest
from daemon.vision.policy import AccessPolicy
from models.quality import Quality
from tests.models.heads import head

ANN = (Candidate("ann", 0.7), Candidate("bob", 0.1))
BOB = (Candidate("bob", 0.7), Candidate("ann", 0.1))
ANN_TURNED = (Candidate("ann", 0.33), Candidate("bob", 0.1))
STRANGER = (Candidate("ann", 0.1), Candidate("bob", 0.05))
STRICT = Liveness(level="strict")


def look(
    at: float,
    *,
    yaw: float = 0.0,
    eyes: float = 0.3,
    flat: bool = False,
    candidates: tuple[Candidate, ...] = ANN,
) -> Observation:
    """One frame: a head or a picture turned by `yaw` degrees; past 30 degrees it is too far turned to be compared."""
    quality = Quality(
        size_px=200,
        yaw_deg=yaw,
        pitch_deg=0,
        roll_deg=0,
        sharpness=500,
        brightness=120,
        eye_opening=eyes,
        lip_contrast=0.3,
        eye_contrast=0.6,
    )
    # A tilted picture's mesh seems to turn less than the picture does: here it seems to turn as far, at its best.
    mesh = head(yaw_deg=-yaw, flat=flat)
    if abs(yaw) > 30:
        return Observation(1, at, quality=quality, fault=Reason.NOT_FRONTAL, mesh=mesh)
    return Observation(1, at, quality=quality, mesh=mesh, liveness=0.9, candidates=candidates, threshold=0.4)


class Terminal:
    """A strict policy that always asks for the same thing, and its answers."""

    def __init__(self, challenge: Challenge) -> None:
        def choose(challenges: Sequence[Challenge]) -> Challenge:
            assert challenge in challenges
            return challenge

        self.policy = AccessPolicy(policy=Policy(), liveness=STRICT, choose=choose)
        self.now = 100.0

    def show(self, count: int, **values: object) -> list[Decision | Prompt]:
        outcomes = []
        for _ in range(count):
            self.now += 0.05
            outcome = self.policy.update(look(self.now, **values), self.now)  # type: ignore[arg-type]
            if outcome is not None:
                outcomes.append(outcome)
        return outcomes


def reasons(outcomes: Sequence[Decision | Prompt]) -> list[Reason | Challenge]:
    return [outcome.challenge if isinstance(outcome, Prompt) else outcome.reason for outcome in outcomes]


@pytest.mark.parametrize(("challenge", "yaw"), [(Challenge.TURN_LEFT, 25.0), (Challenge.TURN_RIGHT, -25.0)])
def test_whoever_turns_as_asked_is_granted(challenge: Challenge, yaw: float) -> None:
    terminal = Terminal(challenge)
    assert reasons(terminal.show(20)) == [challenge]
    assert reasons(terminal.show(5, yaw=yaw) + terminal.show(10)) == [Reason.GRANTED]


def test_a_turned_head_may_look_less_like_its_reference() -> None:
    terminal = Terminal(Challenge.TURN_LEFT)
    terminal.show(20)
    assert reasons(terminal.show(5, yaw=25.0, candidates=ANN_TURNED) + terminal.show(10)) == [Reason.GRANTED]


def test_whoever_blinks_as_asked_is_granted() -> None:
    terminal = Terminal(Challenge.BLINK)
    assert reasons(terminal.show(30)) == [Challenge.BLINK]
    terminal.show(3, eyes=0.08)
    assert reasons(terminal.show(5)) == [Reason.GRANTED]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({}, id="holds still"),
        pytest.param({"yaw": -25.0}, id="turns the other way"),
        pytest.param({"yaw": 10.0}, id="turns a little"),
        pytest.param({"yaw": 25.0, "flat": True}, id="tilts a picture"),
        pytest.param({"yaw": 38.0}, id="turns too far to be compared"),
        pytest.param({"yaw": 25.0, "candidates": STRANGER}, id="somebody else turns"),
    ],
)
def test_whoever_does_not_is_denied_when_the_time_is_over(answer: dict[str, object]) -> None:
    terminal = Terminal(Challenge.TURN_LEFT)
    terminal.show(20, flat=bool(answer.get("flat")))
    during = terminal.show(5, **answer)
    seconds = STRICT.challenge_seconds + 1
    after = terminal.show(round(seconds / 0.05), flat=bool(answer.get("flat")))
    assert Reason.GRANTED not in reasons(during + after)
    assert set(reasons(during + after)) & {Reason.CHALLENGE, Reason.SPOOF}


def test_another_person_does_not_inherit_an_answered_challenge() -> None:
    terminal = Terminal(Challenge.TURN_LEFT)
    terminal.show(20)
    terminal.show(2, yaw=10.0, candidates=ANN_TURNED)
    outcomes = terminal.show(20, candidates=BOB)
    assert reasons(outcomes) == [Challenge.TURN_LEFT]


def test_an_answer_after_the_deadline_is_none() -> None:
    terminal = Terminal(Challenge.TURN_LEFT)
    terminal.show(20)
    terminal.now += STRICT.challenge_seconds
    assert Reason.GRANTED not in reasons(terminal.show(5, yaw=25.0) + terminal.show(10))


def test_a_challenge_needs_a_mesh_to_start_from() -> None:
    start = Observation(1, 1.0)
    turned = look(2.0, yaw=25.0)
    assert not ChallengeTest(challenge=Challenge.TURN_LEFT, start=start).answered_by(turned, own=True)
    assert not ChallengeTest(challenge=Challenge.TURN_LEFT, start=turned).answered_by(start, own=True)
