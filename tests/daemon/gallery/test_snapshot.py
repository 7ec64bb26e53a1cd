"""A search of a snapshot against float64 brute force, whatever the rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.errors import StoreError
from daemon.gallery.chunk import Chunk
from daemon.gallery.snapshot import SHORT_LIST, Gallery
from daemon.storage.people import Embedding
from daemon.storage.rows import Rows
from daemon.types import Candidate

DIMENSION = 32


def unit(rows: np.ndarray) -> Embedding:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


class Crowd:
    """Templates in chunks; every `templates` of them belong to one person."""

    def __init__(self, rows: Embedding, *, templates: int = 1, chunk: int = 1000, keep_exact: bool = True) -> None:
        self.rows = rows
        self.people = np.arange(len(rows)) // templates
        self.fetched: list[int] = []
        self.gone: set[int] = set()
        parts = [np.arange(start, min(start + chunk, len(rows))) for start in range(0, len(rows), chunk)]
        self.gallery = Gallery(tuple(self._chunk(part, keep_exact) for part in parts), fetch=self._fetch)

    def best(self, probe: Embedding) -> list[tuple[str, float]]:
        scores = self.rows.astype(np.float64) @ probe.astype(np.float64)
        best: dict[str, float] = {}
        for person, score in zip(self.people, scores, strict=True):
            best[f"p{person}"] = max(best.get(f"p{person}", -2.0), score)
        return sorted(best.items(), key=lambda item: -item[1])[:2]

    def _chunk(self, part: np.ndarray, keep_exact: bool) -> Chunk:
        ids = np.array([f"p{person}".encode() for person in self.people[part]], np.bytes_)
        rows = Rows(part.astype(np.int64), self.people[part].astype(np.int64), ids, self.rows[part])
        return Chunk.of(rows, keep_exact=keep_exact)

    def _fetch(self, numbers: Sequence[int]) -> dict[int, Embedding]:
        self.fetched += numbers
        return {number: self.rows[number] for number in numbers if number not in self.gone}


def crowd_of(
    seed: int, count: int, *, spread: float = 1.0, templates: int = 1, chunk: int = 1000, keep_exact: bool = True
) -> tuple[Crowd, Embedding]:
    random = np.random.default_rng(seed)
    rows = unit(random.standard_normal(DIMENSION) + spread * random.standard_normal((count, DIMENSION)))
    probe = unit(random.standard_normal((1, DIMENSION)))[0]
    return Crowd(rows, templates=templates, chunk=chunk, keep_exact=keep_exact), probe


def told(candidates: Sequence[Candidate]) -> list[tuple[str, float]]:
    return [(candidate.person_id, candidate.score) for candidate in candidates]


SHAPES = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 2**32 - 1),
        "count": st.integers(1, 300),
        "spread": st.sampled_from([1.0, 0.1, 0.01]),
        "templates": st.integers(1, 5),
        "chunk": st.integers(1, 120),
        "keep_exact": st.booleans(),
    }
)


@given(shape=SHAPES)
def test_the_best_two_people_are_those_of_brute_force(shape: dict[str, Any]) -> None:
    crowd, probe = crowd_of(**shape)
    found, expected = told(crowd.gallery.search(probe)), crowd.best(probe)
    assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-5)
    for (name, score), (other, best) in zip(found, expected, strict=True):
        assert name == other or score == pytest.approx(best, abs=1e-6)


def test_a_large_gallery_asks_the_store_for_a_few_rows_only() -> None:
    crowd, probe = crowd_of(1, 3000, keep_exact=False)
    assert told(crowd.gallery.search(probe))[0][0] == crowd.best(probe)[0][0]
    assert 0 < len(crowd.fetched) < 100


def test_alike_rows_without_end_ask_for_a_short_list_only() -> None:
    rows = np.repeat(unit(np.ones((1, DIMENSION))), 3 * SHORT_LIST, axis=0)
    crowd = Crowd(rows, keep_exact=False)
    found = crowd.gallery.search(rows[0])
    assert [candidate.score for candidate in found] == pytest.approx([1.0, 1.0], abs=1e-5)
    assert len(crowd.fetched) <= 2 * SHORT_LIST


def test_a_row_that_is_gone_from_the_store_counts_for_nothing() -> None:
    crowd, _ = crowd_of(2, 50, keep_exact=False)
    crowd.gone = {7}
    found = crowd.gallery.search(crowd.rows[7])
    assert "p7" not in [candidate.person_id for candidate in found]
    assert crowd.gallery.scores("p7", crowd.rows[7]) == ()


def test_a_disk_that_fails_gives_the_least_score_that_is_sure() -> None:
    crowd, probe = crowd_of(3, 50, keep_exact=False)

    def fail(_: Sequence[int]) -> dict[int, Embedding]:
        raise StoreError("the disk is gone")

    found = Gallery(crowd.gallery.chunks, fetch=fail).search(crowd.rows[7])[0]
    assert found.person_id == "p7"
    assert 0.95 < found.score <= 1.0
    assert Gallery(crowd.gallery.chunks, fetch=fail).search(probe)[0].score <= crowd.best(probe)[0][1] + 1e-6


def test_templates_and_people_are_counted_apart() -> None:
    crowd, probe = crowd_of(4, 30, templates=3, chunk=7)
    assert (len(crowd.gallery), crowd.gallery.size) == (30, 10)
    own = crowd.gallery.scores("p9", probe)
    assert own == pytest.approx(list(crowd.rows[27:].astype(np.float64) @ probe), abs=1e-5)
    assert crowd.gallery.scores("p10", probe) == ()


def test_one_person_alone_is_the_only_candidate() -> None:
    crowd, probe = crowd_of(5, 4, templates=4)
    assert [candidate.person_id for candidate in crowd.gallery.search(probe)] == ["p0"]


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("keep_exact", [True, False])
def test_nobody_is_like_a_probe_that_is_not_finite(value: float, keep_exact: bool) -> None:
    crowd, probe = crowd_of(1, 20, keep_exact=keep_exact)
    for broken in (np.full_like(probe, value), np.append(probe[1:], np.float32(value))):
        assert crowd.gallery.search(broken) == ()
        assert crowd.gallery.scores("p3", broken) == ()
