import numpy as np
import pytest

from daemon.storage.transform import identity, rotation
from tests.daemon.stores import vector


@pytest.mark.parametrize("dimension", [1, 16, 512])
def test_scores_stay_and_coordinates_do_not(dimension: int) -> None:
    turn = rotation(b"s" * 32, dimension)
    vectors = np.stack([vector(seed, dimension=dimension) for seed in range(8)])
    turned = turn(vectors)
    assert turned.dtype == np.float32
    np.testing.assert_allclose(turned @ turned.T, vectors @ vectors.T, atol=1e-5)
    np.testing.assert_allclose(turn.inverse(turned), vectors, atol=1e-5)
    np.testing.assert_allclose(turn(vectors[0]), turned[0], atol=1e-6)


def test_another_secret_compares_with_nothing() -> None:
    one = vector(1, dimension=512)
    here, there = rotation(b"a" * 32, 512)(one), rotation(b"b" * 32, 512)(one)
    assert abs(float(here @ there)) < 0.25
    assert abs(float(here @ one)) < 0.25


def test_the_same_secret_gives_the_same_matrix_on_every_machine() -> None:
    # Kept from the first release: a store's templates depend on it.
    expected = [
        [-0.7557402, -0.6535945, -0.0408783],
        [0.4406139, -0.4613093, -0.7700994],
        [0.4844752, -0.6000066, 0.6366128],
    ]
    np.testing.assert_allclose(rotation(b"s" * 32, 3)(np.eye(3, dtype=np.float32)), expected, atol=1e-6)


def test_identity_changes_nothing() -> None:
    one = vector(1)
    assert identity(b"", 16)(one) is one
    assert identity(b"", 16).inverse(one) is one
