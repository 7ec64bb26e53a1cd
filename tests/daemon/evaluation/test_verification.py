import numpy as np
import pytest

from daemon.evaluation.verification import (
    Comparisons,
    area_under_curve,
    best_threshold,
    comparisons,
    detection_error_tradeoff,
    equal_error,
    fold_accuracy,
)


def table(mated: list[float], non_mated: list[float]) -> Comparisons:
    return comparisons(mated=np.float32(mated), non_mated=np.float32(non_mated))


TEN = table([0.9, 0.8, 0.7, 0.4, 0.2], [0.0, 0.1, 0.2, 0.3, 0.3, 0.35, 0.1, 0.0, 0.05, 0.75])


@pytest.mark.parametrize(
    ("threshold", "fmr", "fnmr"),
    [(0.0, 1.0, 0.0), (0.2, 0.5, 0.0), (0.3, 0.4, 0.2), (0.5, 0.1, 0.4), (0.75, 0.1, 0.6), (0.76, 0.0, 0.6), (1, 0, 1)],
)
def test_a_score_at_the_threshold_matches(threshold: float, fmr: float, fnmr: float) -> None:
    assert TEN.fmr(threshold) == pytest.approx(fmr)
    assert TEN.fnmr(threshold) == pytest.approx(fnmr)


@pytest.mark.parametrize("fmr", [0.0, 0.05, 0.1, 0.15, 0.3, 0.4, 0.5, 1.0])
def test_the_threshold_of_a_rate_keeps_it_and_no_lower_score_would(fmr: float) -> None:
    threshold = TEN.threshold_at_fmr(fmr)
    assert TEN.fmr(threshold) <= fmr + 1e-9
    lower = TEN.non_mated[TEN.non_mated < np.float32(threshold)]
    if lower.size:
        assert TEN.fmr(float(lower[-1])) > fmr


def test_true_accepts_at_a_false_accept_rate() -> None:
    assert TEN.tar(0.1) == pytest.approx(0.8)  # just above 0.35: four of five
    assert TEN.tar(0.0) == pytest.approx(0.4)  # just above 0.75: two of five


def test_ties_at_the_edge_are_not_counted_in_part() -> None:
    tied = table([0.5], [0.3, 0.3, 0.3, 0.1])
    assert tied.fmr(tied.threshold_at_fmr(0.25)) == 0.0


def test_a_rate_of_less_than_one_comparison_is_not_measurable() -> None:
    assert TEN.is_measurable(0.1)
    assert not TEN.is_measurable(0.09)


def test_the_area_under_the_curve_counts_ties_half() -> None:
    assert area_under_curve(table([1, 2], [0, 1])) == pytest.approx((1 + 0.5 + 1 + 1) / 4)
    assert area_under_curve(table([5], [0, 1])) == 1.0


def test_the_equal_error_rate_of_separable_and_of_crossed_scores() -> None:
    assert equal_error(table([0.6, 0.7], [0.1, 0.2])).rate == 0.0
    assert equal_error(table([0.1, 0.6, 0.7, 0.8], [0.0, 0.2, 0.3, 0.65])).rate == pytest.approx(0.25)


def test_the_tradeoff_runs_from_one_comparison_to_all_and_never_rises() -> None:
    fmr, fnmr = detection_error_tradeoff(TEN, points=20)
    assert fmr[0] == pytest.approx(0.1)
    assert fmr[-1] == pytest.approx(1.0)
    assert np.all(np.diff(fnmr) <= 0)


def test_the_best_threshold_lies_between_the_scores_that_it_parts() -> None:
    threshold = best_threshold(np.float32([0.1, 0.2, 0.6, 0.7]), np.array([False, False, True, True]))
    assert threshold == pytest.approx(0.4)


def test_each_fold_is_judged_at_the_threshold_of_the_others() -> None:
    # On folds 2 and 3 the best threshold is (0.3 + 0.6) / 2; by it, one of fold 1's four pairs is wrong.
    scores = np.float32([0.9, 0.5, 0.4, 0.1, 0.6, 0.3, 0.6, 0.3])
    mated = np.array([True, True, False, False, True, False, True, False])
    scores[1] = 0.42
    result = fold_accuracy(scores=scores, mated=mated, folds=[1, 1, 1, 1, 2, 2, 3, 3])
    assert result.folds == (0.75, 1.0, 1.0)
    assert result.mean == pytest.approx(2.75 / 3)
    assert result.standard_error == pytest.approx(np.std([0.75, 1, 1], ddof=1) / np.sqrt(3))


def test_what_can_not_be_told_is_refused() -> None:
    with pytest.raises(ValueError, match="mated and non-mated"):
        table([], [0.1])
    with pytest.raises(ValueError, match="two folds"):
        fold_accuracy(scores=np.float32([1]), mated=np.array([True]), folds=[1])
