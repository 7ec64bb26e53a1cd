import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ModelError
from models.manifest import ScorePoint, load_manifest
from models.similarity import ScoreScale

SCALE = ScoreScale(load_manifest().embedder.similarity)
scores = st.floats(-1, 1)


@pytest.mark.parametrize(("similarity", "fmr"), [(50, 1e-2), (80, 1e-4), (98, 1e-6)])
def test_the_percentages_that_people_know_are_error_rates(similarity: float, fmr: float) -> None:
    assert SCALE.score(similarity) == pytest.approx(SCALE.score_at_fmr(fmr))


@given(scores, scores)
def test_similarity_grows_with_the_score(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= SCALE.similarity(low) <= SCALE.similarity(high) <= 100


@given(scores)
def test_there_and_back(score: float) -> None:
    assert SCALE.score(SCALE.similarity(score)) == pytest.approx(score, abs=1e-6)


@given(st.floats(1e-11, 1), st.floats(1e-11, 1))
def test_a_rarer_error_asks_for_a_higher_score(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert SCALE.score_at_fmr(low) >= SCALE.score_at_fmr(high)


def test_what_lies_beyond_the_scale_is_its_end() -> None:
    assert (SCALE.similarity(-2), SCALE.similarity(2)) == (0, 100)
    assert (SCALE.score(-5), SCALE.score(120)) == (-1, 1)


@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_the_threshold_grows_with_the_gallery(one: int, other: int) -> None:
    fewer, more = sorted((one, other))
    assert SCALE.identification_threshold(1e-3, fewer) <= SCALE.identification_threshold(1e-3, more)


def test_the_threshold_keeps_the_identification_rate() -> None:
    assert SCALE.identification_threshold(1e-3, 10) == pytest.approx(SCALE.score_at_fmr(1e-4))
    assert SCALE.identification_threshold(1e-3, 0) == SCALE.identification_threshold(1e-3, 1)
    assert SCALE.identification_threshold(1e-3, 1000) > SCALE.identification_threshold(1e-3, 100) + 0.02


def point(score: float, similarity: float, fmr: float) -> ScorePoint:
    return ScorePoint(score=score, similarity=similarity, fmr=fmr)


@pytest.mark.parametrize(
    "points",
    [
        [point(0, 0, 1), point(0, 100, 0.1)],
        [point(0, 0, 1), point(0.5, 0, 0.1)],
        [point(0, 0, 0.1), point(0.5, 50, 0.1)],
        [point(0, 0, 1), point(0.5, 50, 0.1), point(0.4, 60, 0.01)],
        [point(0, 0, float("nan")), point(0.5, 50, 0.1)],
    ],
)
def test_a_broken_scale_is_refused(points: list[ScorePoint]) -> None:
    with pytest.raises(ModelError, match="score scale is not monotone"):
        ScoreScale(points)
