from collections.abc import Sequence

import pytest

from daemon.vision.blink import Blinks

OPEN = [0.31, 0.30, 0.32, 0.31, 0.30, 0.31, 0.29, 0.31, 0.30, 0.31]


@pytest.mark.parametrize(
    ("openings", "count"),
    [
        pytest.param(OPEN * 3, 0, id="open eyes that tremble"),
        pytest.param([*OPEN, 0.2, 0.1, 0.05, 0.15, 0.28, *OPEN], 1, id="a blink"),
        pytest.param([*OPEN, 0.1, 0.3, *OPEN, 0.1, 0.3, *OPEN], 2, id="two blinks of one frame each"),
        pytest.param([*OPEN, 0.1, 0.1, 0.1], 0, id="closed and not open again"),
        pytest.param([*OPEN, 0.22, *OPEN], 0, id="narrowed"),
        pytest.param([0.05, 0.3, 0.3], 0, id="too little seen to know what is usual"),
        pytest.param([0.1] * 30, 0, id="narrow eyes"),
        pytest.param([*OPEN, float("nan"), *OPEN], 0, id="not a number"),
    ],
)
def test_blinks_are_counted(openings: Sequence[float], count: int) -> None:
    blinks = Blinks()
    for opening in openings:
        blinks.add(opening)
    assert blinks.count == count
