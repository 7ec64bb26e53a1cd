import numpy as np
import pytest

from daemon.vision.attention import Attention
from hw.picture_health import Sample, sample

RATE = 30


def picture(seed: int, *, person_at: int | None = None) -> Sample:
    """A wall under a sensor's noise, with or without somebody in dark clothes."""
    noise = np.random.default_rng(seed).normal(0, 6, (120, 160, 1))
    image = np.full((120, 160, 3), 140.0) + noise
    if person_at is not None:
        image[50:, person_at : person_at + 15] -= 70
    return sample(image.clip(0, 255).astype(np.uint8))


def wanted(attention: Attention, frames: range, **scene: int) -> list[int]:
    return [n for n in frames if attention.wants(picture(n, **scene), 100 + n / RATE)]


@pytest.fixture
def attention() -> Attention:
    idle = Attention(idle_fps=2, hold_seconds=1)
    wanted(idle, range(2 * RATE))
    return idle


def test_while_nothing_moves_few_frames_are_wanted(attention: Attention) -> None:
    assert 15 <= len(wanted(attention, range(60, 360))) <= 25


def test_the_first_frame_with_somebody_is_wanted_and_all_that_follow(attention: Attention) -> None:
    came = range(61, 75)
    assert wanted(attention, came, person_at=5) == list(came)


def test_every_frame_is_wanted_for_a_while_after_a_face(attention: Attention) -> None:
    attention.saw_face(100 + 60 / RATE)
    assert wanted(attention, range(61, 90)) == list(range(61, 90))
    assert len(wanted(attention, range(91, 181))) < 10


def test_a_lamp_that_is_switched_is_no_motion() -> None:
    attention = Attention(idle_fps=1, hold_seconds=1)
    wanted(attention, range(60))
    brighter = [sample((np.full((120, 160, 3), 190.0) + n % 2).astype(np.uint8)) for n in range(60, 64)]
    assert sum(attention.wants(one, 102 + n / RATE) for n, one in enumerate(brighter)) <= 1


def test_without_an_idle_rate_every_frame_is_wanted() -> None:
    assert wanted(Attention(idle_fps=0, hold_seconds=1), range(60)) == list(range(60))
