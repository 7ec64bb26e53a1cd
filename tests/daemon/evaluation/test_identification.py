import numpy as np
import pytest

from daemon.evaluation.identification import Draw, Searches, draw_gallery, fnir, fpir, join, search, threshold_at_fpir

NAMES = [name for name in "abcdefgh" for _ in range(2)] + ["loner1", "loner2", "loner3", "loner4"]


def test_a_draw_keeps_strangers_apart_and_enrols_one_reference_each() -> None:
    draw = draw_gallery(NAMES, people=4, seed=3)
    enrolled = [NAMES[i] for i in draw.references]
    assert len(set(enrolled)) == len(enrolled) == 4
    assert {NAMES[i] for i in draw.mated} <= set(enrolled)
    assert not {NAMES[i] for i in draw.non_mated} & set(enrolled)
    assert not set(draw.references) & set(draw.mated)
    assert len({NAMES[i] for i in draw.non_mated}) == 3  # a quarter of twelve


def test_people_with_several_pictures_are_enrolled_first() -> None:
    draw = draw_gallery(NAMES, people=4, seed=1)
    assert len(draw.mated) == 4


def test_without_a_size_everybody_but_the_strangers_is_enrolled() -> None:
    assert len(draw_gallery(NAMES, people=None, seed=0).references) == 9


def test_a_seed_draws_alike_and_another_one_otherwise() -> None:
    draws = [draw_gallery(NAMES, people=4, seed=seed).references.tolist() for seed in (5, 5, 6)]
    assert draws[0] == draws[1]
    assert draws[0] != draws[2]


def test_too_large_a_gallery_is_refused() -> None:
    with pytest.raises(ValueError, match="a gallery of 10"):
        draw_gallery(NAMES, people=10, seed=0)


def test_a_mated_search_that_finds_somebody_else_first_is_a_miss_at_any_threshold() -> None:
    names = ["a", "b", "a", "b", "c"]
    vectors = np.float32([[1, 0], [0, 1], [0.8, 0.6], [0.8, 0.6], [0.6, 0.8]])
    draw = Draw(references=np.array([0, 1]), mated=np.array([2, 3]), non_mated=np.array([4]))
    found = search(draw, references=vectors, probes=vectors, identities=names)
    np.testing.assert_allclose(found.mated, [0.8, -np.inf], rtol=1e-6)
    np.testing.assert_allclose(found.non_mated, [0.8], rtol=1e-6)
    assert fnir(found, -1.0) == 0.5


def test_rates_at_a_threshold() -> None:
    found = Searches(mated=np.float32([0.9, 0.5, 0.3, -np.inf]), non_mated=np.float32([0.1, 0.2, 0.4, 0.45]))
    threshold = threshold_at_fpir(found, 0.25)
    assert 0.4 < threshold < 0.45
    assert fpir(found, threshold) == 0.25
    assert fnir(found, threshold) == 0.5
    assert threshold_at_fpir(found, 1.0) == -1.0


def test_searches_of_several_draws_count_together() -> None:
    one = Searches(mated=np.float32([0.9]), non_mated=np.float32([0.1]))
    assert join([one, one]).mated.tolist() == pytest.approx([0.9, 0.9])
