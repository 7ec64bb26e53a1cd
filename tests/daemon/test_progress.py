"""Who got on and who hangs, and what is said of it: tables of turns and times."""

from collections.abc import Mapping

import pytest

from daemon.progress import Progress, Standing, status_line

Turns = tuple[int, int]
GOOD = Standing(people=12, fps=9.8, frame_age=0.1, unlocked=False, lockdown=False)


@pytest.mark.parametrize(
    ("looks", "moved"),
    [
        # (vision, door) at each look, a second apart
        ([(0, 0)], [False]),
        ([(1, 0), (1, 1)], [False, True]),
        ([(9, 2), (18, 4), (27, 6)], [True, True, True]),
        ([(9, 2), (9, 4), (9, 6)], [True, False, False]),
        ([(9, 2), (18, 2), (27, 2)], [True, False, False]),
        # What only one of them did since the last feeding still counts when the other has done it too.
        ([(9, 2), (18, 2), (18, 4)], [True, False, True]),
        ([(9, 2), (9, 2), (10, 3)], [True, False, True]),
    ],
)
def test_the_watchdog_is_fed_only_when_both_have_moved(looks: list[Turns], moved: list[bool]) -> None:
    progress = Progress()
    seen = [progress.look({"vision": v, "door": d}, float(at)) for at, (v, d) in enumerate(looks)]
    assert [look.moved for look in seen] == moved


@pytest.mark.parametrize(
    ("looks", "hung"),
    [
        ([(9, 2)] * 3, {}),
        ([(9, 2)] * 4, {"door": 3.0, "vision": 3.0}),
        ([(9, 2), (9, 3), (9, 4), (9, 5), (9, 6)], {"vision": 4.0}),
        ([(9, 2), (10, 2), (11, 2), (12, 2)], {"door": 3.0}),
        ([(0, 0)] * 5, {"door": 4.0, "vision": 4.0}),
        ([(9, 2), (9, 2), (9, 2), (9, 2), (10, 3)], {}),
    ],
)
def test_who_hangs_is_named_after_three_seconds(looks: list[Turns], hung: dict[str, float]) -> None:
    progress = Progress()
    seen = [progress.look({"vision": v, "door": d}, float(at)) for at, (v, d) in enumerate(looks)]
    assert seen[-1].hung == hung


@pytest.mark.parametrize(
    ("standing", "hung", "line"),
    [
        (GOOD, {}, "door locked; 12 people enrolled; 10 frames/s"),
        (GOOD, {"vision": 7.2}, "the vision thread has not moved for 7 s"),
        (
            Standing(people=0, fps=0.0, frame_age=None, unlocked=False, lockdown=False),
            {},
            "no frame of the camera yet; door locked; 0 people enrolled",
        ),
        (
            Standing(people=1, fps=0.0, frame_age=61.0, unlocked=True, lockdown=False),
            {},
            "no frame of the camera any more; door unlocked; 1 people enrolled",
        ),
        (
            Standing(people=1, fps=5.0, frame_age=0.0, unlocked=False, lockdown=True),
            {},
            "door locked down; 1 people enrolled; 5 frames/s",
        ),
    ],
)
def test_the_line_tells_what_is_wrong_first(standing: Standing, hung: Mapping[str, float], line: str) -> None:
    assert status_line(standing, hung) == line
