from collections.abc import Callable, Iterator

import numpy as np
import pytest

from hw.camera import Image
from hw.picture_health import Fault, PictureWatch, sample

RATE = 10
SECONDS = 12
Scene = Callable[[float], Image]


def noise(at: float, sigma: float) -> np.ndarray:
    return np.random.default_rng(round(at * RATE)).normal(0, sigma, (120, 160, 3))


def scene(luma: Callable[[float], float], *, sigma: float = 2.0, contrast: float = 40.0) -> Scene:
    """A wall with a shadow on half of it, under a sensor's noise."""
    wall = np.zeros((120, 160, 3))
    wall[:, :80] = contrast
    return lambda at: (luma(at) - contrast / 2 + wall + noise(at, sigma)).clip(0, 255).astype(np.uint8)


def passing(at: float) -> Image:
    """Somebody in black walks by close to the camera every three seconds, hiding 40 % of the picture."""
    image = scene(lambda _: 140.0)(at)
    if at % 3 < 1:
        image[:, 50:114] = 20
    return image


def faults(pictures: Scene, *, frozen_seconds: float = 5.0, size: tuple[int, int] | None = (160, 120)) -> list[Fault]:
    """What is told over twelve seconds, each once."""
    watch = PictureWatch(size=size, frozen_seconds=frozen_seconds)
    told = [watch.update(sample(pictures(n / RATE)), n / RATE) for n in range(SECONDS * RATE)]
    return list(dict.fromkeys(fault for fault in told if fault is not None))


@pytest.mark.parametrize(
    ("name", "pictures", "expected"),
    [
        ("a room", scene(lambda _: 120.0), []),
        ("a still room seen by a very good sensor", scene(lambda _: 120.0, sigma=0.3), []),
        ("evening", scene(lambda at: 120 - 6 * at), []),
        ("a lamp that is switched on and off once", scene(lambda at: 160.0 if 4 < at < 8 else 60.0), []),
        ("people passing by", passing, []),
        ("a lamp that flickers a little", scene(lambda at: 120 + 10 * (at * RATE % 2)), []),
        ("a cap on the lens", scene(lambda _: 2.0, sigma=3, contrast=0), [Fault.BLACK]),
        ("a cap, video of limited range", scene(lambda _: 16.0, sigma=1, contrast=0), [Fault.BLACK]),
        ("a dark room with a lit sign", scene(lambda _: 14.0, contrast=28), [Fault.DARK]),
        ("the sun in the lens", scene(lambda _: 251.0, contrast=4), [Fault.BRIGHT]),
        ("a stuck decoder", lambda _: scene(lambda _: 120.0)(1.0), [Fault.FROZEN]),
        ("exposure that hunts", scene(lambda at: 120 + 50 * np.sin(2 * np.pi * at / 2)), [Fault.HUNTING]),
        ("exposure that hunts fast", scene(lambda at: 90.0 if int(at * 4) % 2 else 150.0), [Fault.HUNTING]),
    ],
)
def test_what_is_told(name: str, pictures: Scene, expected: list[Fault]) -> None:
    assert faults(pictures) == expected


def test_a_still_picture_may_be_meant() -> None:
    assert faults(lambda _: scene(lambda _: 120.0)(1.0), frozen_seconds=0) == []


def test_another_size_is_told_whether_one_was_asked_for_or_not() -> None:
    assert faults(scene(lambda _: 120.0), size=(640, 480)) == [Fault.WRONG_SIZE]
    wide = scene(lambda _: 120.0)
    assert faults(lambda at: wide(at) if at < 2 else wide(at)[:60], size=None) == [Fault.WRONG_SIZE]
    assert faults(wide, size=None) == []


def test_a_moment_is_no_fault() -> None:
    bright = scene(lambda at: 252.0 if 2 < at < 4 else 120.0, contrast=2)
    assert faults(bright) == []


def test_a_fault_ends_when_it_has_been_good_for_a_while_and_a_frozen_picture_at_once() -> None:
    watch = PictureWatch(size=None, frozen_seconds=3)
    dark, room = scene(lambda _: 14.0, contrast=28), scene(lambda _: 120.0)
    told = dict(_told(watch, lambda at: dark(at) if at < 5 else room(at) if at < 8 else room(8.0), 14))
    assert [told[at] for at in (2.0, 4.0, 6.0, 7.5, 10.0, 12.0)] == [
        None,
        Fault.DARK,
        Fault.DARK,
        None,
        None,
        Fault.FROZEN,
    ]
    assert watch.update(sample(room(20.0)), 14.0) is None


def test_opened_anew_it_starts_afresh() -> None:
    watch = PictureWatch(size=None, frozen_seconds=3)
    still = scene(lambda _: 120.0)(1.0)
    assert dict(_told(watch, lambda _: still, 4))[3.5] is Fault.FROZEN
    watch.begin()
    assert watch.update(sample(still), 5.0) is None


@pytest.mark.parametrize("size", [(640, 480), (1920, 1080), (480, 640), (48, 48), (8, 6), (161, 121)])
def test_any_size_is_sampled_in_a_few_thousand_points(size: tuple[int, int]) -> None:
    picture = sample(np.full((size[1], size[0], 3), 77, np.uint8))
    assert picture.size == size
    assert 0 < picture.points.size <= 3 * 97 * 97
    assert (picture.luma, picture.spread) == (77.0, 0.0)


def _told(watch: PictureWatch, pictures: Scene, seconds: float) -> Iterator[tuple[float, Fault | None]]:
    for n in range(round(seconds * RATE)):
        yield n / RATE, watch.update(sample(pictures(n / RATE)), n / RATE)
