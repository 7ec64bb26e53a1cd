from dataclasses import replace

import numpy as np
import pytest

from daemon.config.settings import QualityLimits
from daemon.evaluation.effects import MatedPairs, effects, passes
from tests.helpers.qualities import GOOD

LIMITS = QualityLimits()


def test_a_gate_leaves_out_the_comparisons_of_refused_pictures() -> None:
    qualities = [GOOD, GOOD, replace(GOOD, yaw_deg=-80.0), replace(GOOD, size_px=200.5)]
    pairs = MatedPairs(
        references=np.array([0, 0, 0, 1]), probes=np.array([1, 2, 3, 2]), missed=np.array([False, True, False, False])
    )
    yaw = next(e for e in effects(qualities=qualities, limits=LIMITS, pairs=pairs) if e.criterion == "yaw")
    assert yaw.refused == 0.25
    assert yaw.fnmr == 0.25
    assert yaw.fnmr_gated == 0.0
    assert yaw.fnmr_refused == 0.5
    assert [discard.share for discard in yaw.discards] == [0.02, 0.05, 0.1, 0.2]
    assert yaw.discards[0].fnmr == 0.0


def test_rates_without_comparisons_are_none() -> None:
    pairs = MatedPairs(references=np.array([0]), probes=np.array([1]), missed=np.array([True]))
    dark = [replace(GOOD, brightness=1.0)] * 2
    effect = next(e for e in effects(qualities=dark, limits=LIMITS, pairs=pairs) if e.criterion == "dark")
    assert effect.fnmr_gated is None
    assert effect.fnmr_refused == 1.0


@pytest.mark.parametrize(
    ("change", "failing"),
    [({}, set()), ({"brightness": 250.0}, {"bright"}), ({"brightness": 1.0, "yaw_deg": -89.0}, {"dark", "yaw"})],
)
def test_each_criterion_is_told_by_itself(change: dict[str, float], failing: set[str]) -> None:
    assert {name for name, kept in passes(replace(GOOD, **change), LIMITS).items() if not kept} == failing
