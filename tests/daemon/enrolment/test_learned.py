from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from daemon.enrolment.learned import SOURCE, Bounds, learn
from daemon.gallery.keeper import GalleryKeeper
from daemon.storage.people import Embedding, NewTemplate
from daemon.storage.store import Store
from tests.daemon.stores import DIMENSION, MODEL, open_store, template, vector

BOUNDS = Bounds(least_score=0.8, limit=2, interval=timedelta(0))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(tmp_path)
    store.enrol("ann", [template(1), template(2)], replace=False)
    return store


def near(seed: int, score: float, *, noise: int = 100) -> Embedding:
    """A vector of this cosine to `vector(seed)`."""
    base, other = vector(seed), vector(noise)
    across = other - (other @ base) * base
    found: Embedding = (score * base + np.sqrt(1 - score**2) * across / np.linalg.norm(across)).astype(np.float32)
    return found / np.float32(np.linalg.norm(found))


def probe(embedding: Embedding, *, quality: float = 0.5, model: str = MODEL) -> NewTemplate:
    return NewTemplate(embedding, model, SOURCE, quality)


def stored(store: Store) -> list[tuple[str, float]]:
    with store.file.reading() as session:
        row = session.get("ann")
        models = {model.number: model for model in session.models()}
        found = [one for _, _, one in session.open_templates(row, models) if one is not None]
    return [(one.source, round(one.quality, 3)) for one in found]


def test_a_probe_within_bounds_is_matched_from_then_on(store: Store) -> None:
    keeper = GalleryKeeper(store=store, model=MODEL)
    embedding = near(1, 0.85)
    assert learn(store, "ann", probe(embedding), bounds=BOUNDS)
    assert keeper.refresh()
    best = keeper.current.search(embedding)[0]
    assert (best.person_id, best.score) == ("ann", pytest.approx(1.0, abs=1e-5))
    assert stored(store) == [("test", 0.9), ("test", 0.9), (SOURCE, 0.5)]


def test_a_probe_below_the_bound_teaches_nothing(store: Store) -> None:
    before = store.change_marker()
    assert not learn(store, "ann", probe(near(1, 0.79)), bounds=BOUNDS)
    assert store.change_marker() == before


def test_likeness_to_what_was_learned_does_not_count(store: Store) -> None:
    learned = near(1, 0.85)
    assert learn(store, "ann", probe(learned), bounds=BOUNDS)
    across = learned - (learned @ vector(1)) * vector(1)
    further = (0.7 * vector(1) + np.sqrt(1 - 0.49) * across / np.linalg.norm(across)).astype(np.float32)
    assert float(further @ learned) > BOUNDS.least_score
    assert not learn(store, "ann", probe(further), bounds=BOUNDS)


def test_at_the_limit_the_worst_learned_one_makes_way_for_a_better_one(store: Store) -> None:
    for quality in (0.5, 0.4):
        assert learn(store, "ann", probe(near(1, 0.9), quality=quality), bounds=BOUNDS)
    assert not learn(store, "ann", probe(near(1, 0.9), quality=0.3), bounds=BOUNDS)
    assert learn(store, "ann", probe(near(1, 0.9), quality=0.6), bounds=BOUNDS)
    assert stored(store) == [("test", 0.9), ("test", 0.9), (SOURCE, 0.5), (SOURCE, 0.6)]


def test_enrolled_templates_are_never_replaced_however_bad(store: Store) -> None:
    store.enrol("bad", [NewTemplate(vector(5), MODEL, "api", 0.01)], replace=False)
    for number in range(10):
        learn(store, "bad", probe(near(5, 0.9, noise=200 + number), quality=0.5 + number / 20), bounds=BOUNDS)
    assert store.person("bad").templates == 1 + BOUNDS.limit
    assert GalleryKeeper(store=store, model=MODEL).current.search(vector(5))[0].score == pytest.approx(1, abs=1e-5)


def test_one_in_an_interval_is_enough(store: Store) -> None:
    bounds = Bounds(least_score=0.8, limit=5, interval=timedelta(hours=1))
    assert learn(store, "ann", probe(near(1, 0.9)), bounds=bounds)
    assert not learn(store, "ann", probe(near(1, 0.9)), bounds=bounds)


def test_nothing_is_learned_of_who_is_gone_suspended_or_of_another_network(store: Store) -> None:
    assert not learn(store, "eve", probe(vector(1)), bounds=BOUNDS)
    assert not learn(store, "ann", probe(vector(1), model="newnet/2"), bounds=BOUNDS)
    store.update("ann", active=False)
    assert not learn(store, "ann", probe(vector(1)), bounds=BOUNDS)


def test_a_probe_that_is_no_number_teaches_nothing(store: Store) -> None:
    assert not learn(store, "ann", probe(np.full(DIMENSION, np.nan, np.float32)), bounds=BOUNDS)


def test_who_is_enrolled_anew_has_nothing_learned_left(store: Store) -> None:
    assert learn(store, "ann", probe(near(1, 0.9)), bounds=BOUNDS)
    store.enrol("ann", [template(3)], replace=True)
    assert stored(store) == [("test", 0.9)]
