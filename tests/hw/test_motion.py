import numpy as np
import pytest

from hw.motion import Motion
from hw.picture_health import Sample, sample


def picture(seed: int, *, luma: float = 120, sigma: float = 6, hidden: tuple[int, int] = (0, 0)) -> Sample:
    image = luma + np.random.default_rng(seed).normal(0, sigma, (120, 160, 3))
    height, width = hidden
    image[120 - height :, 75 : 75 + width] -= 60
    return sample(image.clip(0, 255).astype(np.uint8))


@pytest.fixture
def motion() -> Motion:
    watched = Motion()
    assert watched.update(picture(0))
    assert not any(watched.update(picture(n)) for n in range(1, 50))
    return watched


@pytest.mark.parametrize(("hidden", "moved"), [((120, 30), True), ((30, 15), True), ((5, 5), False)])
def test_a_person_is_motion_and_a_moth_is_none(motion: Motion, hidden: tuple[int, int], moved: bool) -> None:
    assert motion.update(picture(60, hidden=hidden)) is moved


def test_light_that_changes_all_over_is_no_motion(motion: Motion) -> None:
    assert not any(motion.update(picture(n, luma=luma)) for n, luma in ((60, 170), (61, 80), (62, 120)))


def test_who_stays_still_becomes_part_of_the_scene(motion: Motion) -> None:
    moved = [motion.update(picture(n, hidden=(75, 30))) for n in range(60, 160)]
    assert all(moved[:5])
    assert not any(moved[60:])
    assert motion.update(picture(200))


def test_another_size_is_motion(motion: Motion) -> None:
    assert motion.update(sample(np.full((60, 80, 3), 120, np.uint8)))
