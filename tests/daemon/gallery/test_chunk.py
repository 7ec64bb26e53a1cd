import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.gallery.chunk import Chunk, Codes
from daemon.storage.people import Embedding
from daemon.storage.rows import Rows

SEEDS = st.integers(0, 2**32 - 1)


def unit(count: int, *, dimension: int = 64, seed: int = 0) -> Embedding:
    values = np.random.default_rng(seed).standard_normal((count, dimension))
    rows: Embedding = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)
    return rows


def chunk(count: int, *, seed: int = 0, first: int = 0, keep_exact: bool = True) -> Chunk:
    numbers = np.arange(first, first + count, dtype=np.int64)
    person_ids = np.array([f"p{number}".encode() for number in numbers], np.bytes_)
    return Chunk.of(Rows(numbers, numbers + 1000, person_ids, unit(count, seed=seed)), keep_exact=keep_exact)


def restored(codes: Codes) -> npt.NDArray[np.float64]:
    return codes.values.astype(np.float64) * codes.scales[:, None]


@given(seed=SEEDS, count=st.integers(1, 700))
def test_no_row_is_further_off_than_the_error_says(seed: int, count: int) -> None:
    vectors = unit(count, dimension=32, seed=seed)
    codes = Codes.of(vectors)
    assert np.linalg.norm(restored(codes) - vectors, axis=1).max() <= codes.error + 1e-6
    assert codes.error < 0.02


@given(seed=SEEDS)
def test_a_score_is_within_the_bound_of_the_true_one(seed: int) -> None:
    vectors, probe = unit(50, seed=seed), unit(1, seed=seed + 1)
    codes, asked = Codes.of(vectors), Codes.of(probe)
    scores = np.empty(50, np.float32)
    codes.score(asked, scores)
    bound = codes.error + asked.error * (1 + codes.error) + 1e-5
    assert np.abs(scores - vectors.astype(np.float64) @ probe[0].astype(np.float64)).max() <= bound


def test_the_integers_are_multiplied_exactly() -> None:
    codes, probe = Codes.of(unit(300, dimension=512)), Codes.of(unit(1, dimension=512, seed=1))
    scores = np.empty(300, np.float32)
    codes.score(probe, scores)
    products = codes.values.astype(np.int64) @ probe.values[0].astype(np.int64)
    assert scores == pytest.approx(products * codes.scales * probe.scales[0], rel=1e-6)


def test_a_row_of_zeros_scores_zero() -> None:
    codes = Codes.of(np.zeros((2, 16), np.float32))
    scores = np.ones(2, np.float32)
    codes.score(Codes.of(unit(1, dimension=16)), scores)
    assert list(scores) == [0, 0]
    assert codes.error == 0


@pytest.mark.parametrize("keep_exact", [True, False])
def test_joined_chunks_are_the_rows_of_both(keep_exact: bool) -> None:
    one, other = chunk(5, keep_exact=keep_exact), chunk(7, seed=1, first=5, keep_exact=keep_exact)
    both = one.joined(other)
    assert len(both) == 12
    assert list(both.templates) == list(range(12))
    assert list(both.people) == list(range(1000, 1012))
    assert both.person_ids[11] == b"p11"
    assert both.codes.error == max(one.codes.error, other.codes.error)
    assert np.array_equal(both.codes.values[5:], other.codes.values)
    assert (both.exact is not None) is keep_exact


def test_exact_rows_are_joined_only_where_both_have_them() -> None:
    assert chunk(3).joined(chunk(3, keep_exact=False)).exact is None
    assert chunk(3).without_exact().exact is None


def test_longer_ids_are_not_cut_off_by_shorter_ones() -> None:
    short, long = chunk(1, first=1), chunk(1, first=123_456)
    assert list(short.joined(long).person_ids) == [b"p1", b"p123456"]


def test_only_the_chosen_rows_stay() -> None:
    whole = chunk(6)
    part = whole.only(np.array([True, False, True, False, False, True]))
    assert list(part.templates) == [0, 2, 5]
    assert whole.exact is not None
    assert part.exact is not None
    assert np.array_equal(part.exact, whole.exact[[0, 2, 5]])
    assert np.array_equal(part.codes.values, whole.codes.values[[0, 2, 5]])
    assert len(whole) == 6
