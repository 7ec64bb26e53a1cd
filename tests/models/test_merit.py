import math
from dataclasses import fields, replace

import pytest

from models.merit import merit
from models.quality import Quality
from tests.helpers.qualities import GOOD

BEST = replace(GOOD, size_px=300, sharpness=400, brightness=128)


def test_the_best_picture_has_the_merit_one() -> None:
    assert merit(BEST) == 1.0
    assert merit(replace(BEST, roll_deg=20)) == 1.0


@pytest.mark.parametrize(
    "worse",
    [
        {"size_px": 112},
        {"yaw_deg": -30},
        {"pitch_deg": 20},
        {"sharpness": 20},
        {"brightness": 45},
        {"brightness": 220},
        {"eye_opening": 0.12},
        {"eye_contrast": 0.2},
        {"lip_contrast": 0.06},
    ],
)
def test_every_measure_takes_its_share(worse: dict[str, float]) -> None:
    one = merit(replace(BEST, **worse))
    assert 0 < one < 0.9
    assert merit(replace(BEST, **worse, yaw_deg=15) if "yaw_deg" not in worse else replace(BEST, yaw_deg=-40)) < one


@pytest.mark.parametrize("field", [field.name for field in fields(Quality) if field.name != "roll_deg"])
def test_a_measure_that_is_no_number_makes_it_worthless(field: str) -> None:
    assert merit(replace(BEST, **{field: math.nan})) == 0.0
