import numpy as np
import pytest

from daemon.evaluation.scale import manifest_lines, scale_points
from daemon.evaluation.verification import comparisons
from models.manifest import ScorePoint, tomllib
from models.similarity import ScoreScale

# A tail that falls a decade every 0.1: FMR 1e-4 at 0.4, 1e-6 at 0.6.
EXPONENTIAL = np.float32(-0.1 * np.log10((np.arange(1_000_000) + 0.5) / 1_000_000))
MATED = np.float32([0.8])


def test_the_points_stand_at_the_contract_s_false_match_rates() -> None:
    points = {point.similarity: point for point in scale_points(comparisons(mated=MATED, non_mated=EXPONENTIAL))}
    assert points[50].score == pytest.approx(0.2, abs=1e-3)
    assert points[80].score == pytest.approx(0.4, abs=1e-3)
    assert points[80].fmr == 1e-4
    assert points[98].fmr == 1e-6
    assert all(points[s].measured for s in (10, 30, 50, 65, 80, 90, 98))


def test_rates_beyond_the_comparisons_follow_the_slope_and_say_so() -> None:
    few = EXPONENTIAL[::100]
    points = {point.similarity: point for point in scale_points(comparisons(mated=MATED, non_mated=few))}
    assert points[80].measured
    assert not points[90].measured
    assert points[98].score - points[90].score == pytest.approx(points[90].score - points[80].score, abs=1e-3)
    assert points[100].score == 1.0
    assert points[100].fmr == pytest.approx(1e-10, rel=2)


def test_the_lines_are_toml_that_the_manifest_and_the_scale_take() -> None:
    lines = manifest_lines(scale_points(comparisons(mated=MATED, non_mated=EXPONENTIAL)))
    read = tomllib.loads(lines)["similarity"]
    scale = ScoreScale([ScorePoint.model_validate(point) for point in read])
    assert scale.score(80) == pytest.approx(0.4, abs=1e-3)
    assert "extrapolated" in lines.splitlines()[-2]


def test_too_few_comparisons_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        scale_points(comparisons(mated=MATED, non_mated=EXPONENTIAL[::10_000]))
