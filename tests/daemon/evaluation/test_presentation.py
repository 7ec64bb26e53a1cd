import pytest

from daemon.evaluation.presentation import Outcome, Rate, clopper_pearson, presentation_errors


@pytest.mark.parametrize(
    ("errors", "trials", "low", "high"),
    [
        # Closed forms: 1 - 0.025^(1/n) for no error, 0.025^(1/n) for all; the others from tables of the beta quantile.
        (0, 1, 0.0, 0.975),
        (0, 10, 0.0, 0.3085),
        (10, 10, 0.6915, 1.0),
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (2, 100, 0.0024, 0.0704),
        (0, 3000, 0.0, 0.00123),
        (0, 0, 0.0, 1.0),
    ],
)
def test_intervals_of_tables(errors: int, trials: int, low: float, high: float) -> None:
    assert clopper_pearson(errors, trials) == pytest.approx((low, high), abs=5e-5)


def test_an_interval_of_more_errors_than_trials_is_refused() -> None:
    with pytest.raises(ValueError, match="2 errors in 1 trials"):
        clopper_pearson(2, 1)


def test_each_species_counts_by_itself_and_the_worst_one_in_acer() -> None:
    outcomes = [
        *[Outcome("print", accepted=False)] * 9,
        Outcome("print", accepted=True),
        *[Outcome("screen", accepted=True)] * 2,
        *[Outcome("screen", accepted=False)] * 2,
        *[Outcome(None, accepted=True)] * 4,
        Outcome(None, accepted=False),
    ]
    errors = presentation_errors(outcomes)
    assert errors.apcer == {"print": Rate(1, 10), "screen": Rate(2, 4)}
    assert errors.bpcer == Rate(1, 5)
    assert errors.acer == pytest.approx((0.5 + 0.2) / 2)


def test_without_attacks_or_without_bona_fide_there_is_no_mean() -> None:
    assert presentation_errors([Outcome(None, accepted=True)]).acer is None
    assert presentation_errors([Outcome("print", accepted=True)]).acer is None
    assert Rate(0, 0).value is None
