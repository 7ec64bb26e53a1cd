from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw.pacing import MediaTime, RealTime

Delays = st.lists(st.floats(0, 10), min_size=2, max_size=50)


@given(Delays, st.floats(1, 120))
def test_media_time_is_never_behind_the_clock_nor_faster_than_the_rate(delays: list[float], fps: float) -> None:
    now = 0.0
    pace = MediaTime(fps=fps, clock=lambda: now)
    stamps = []
    for delay in delays:
        now += delay
        stamps.append(pace.next())
        assert stamps[-1] >= now

    assert all(later - earlier >= 1 / fps - 1e-9 for earlier, later in pairwise(stamps))


def test_real_time_keeps_the_schedule_in_spite_of_late_sleepers(clock: Any) -> None:
    def oversleep(seconds: float) -> None:
        clock.sleep(seconds + 0.003)

    pace = RealTime(fps=10, clock=clock, sleep=oversleep)
    stamps = [pace.next() - 1000.0 for _ in range(11)]

    assert stamps[0] == 0
    assert stamps[10] == pytest.approx(1.003)


def test_real_time_starts_anew_after_a_delay_instead_of_hurrying(clock: Any) -> None:
    pace = RealTime(fps=10, clock=clock, sleep=clock.sleep)
    pace.next()
    clock.now += 5
    stamps = [pace.next() for _ in range(3)]

    assert stamps == pytest.approx([1005.0, 1005.1, 1005.2])
