import threading
from pathlib import Path

import numpy as np
import pytest

from daemon.errors import StoreError
from daemon.gallery.keeper import Gallery, GalleryKeeper
from daemon.storage.people import Embedding
from daemon.storage.renewal import renew_transform
from daemon.storage.store import Store
from tests.daemon.stores import MODEL, open_store, template, vector


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path)


@pytest.fixture(params=[20_000, 0], ids=["exact rows in memory", "exact rows in the store"])
def keeper(request: pytest.FixtureRequest, store: Store) -> GalleryKeeper:
    return GalleryKeeper(store=store, model=MODEL, exact_rows=request.param)


def names(gallery: Gallery, probe: Embedding) -> list[str]:
    return [candidate.person_id for candidate in gallery.search(probe)]


def test_nobody_is_found_in_an_empty_gallery(keeper: GalleryKeeper) -> None:
    assert keeper.current.search(vector(1)) == ()
    assert keeper.current.size == 0
    assert keeper.current.scores("ann", vector(1)) == ()


def test_the_best_two_people_with_their_scores(keeper: GalleryKeeper) -> None:
    for seed in range(20):
        keeper.enrol(f"p{seed}", [template(seed)], replace=False)
    probe = vector(99)
    scores = {f"p{seed}": float(vector(seed) @ probe) for seed in range(20)}
    best = sorted(scores, key=lambda name: -scores[name])[:2]
    assert names(keeper.current, probe) == best
    assert [c.score for c in keeper.current.search(probe)] == pytest.approx([scores[name] for name in best], abs=1e-5)


def test_many_templates_of_one_person_hide_nobody(keeper: GalleryKeeper) -> None:
    keeper.enrol("often", [template(1)] * 2000, replace=False)
    keeper.enrol("once", [template(2)], replace=False)
    assert names(keeper.current, vector(1)) == ["often", "once"]
    assert keeper.current.size == 2


def test_only_one_person_is_the_only_candidate(keeper: GalleryKeeper) -> None:
    keeper.enrol("ann", [template(1), template(2)], replace=False)
    assert names(keeper.current, vector(2)) == ["ann"]
    assert keeper.current.scores("ann", vector(2)) == pytest.approx([float(vector(1) @ vector(2)), 1.0], abs=1e-5)


def test_a_removed_person_is_found_no_more(keeper: GalleryKeeper) -> None:
    keeper.enrol("ann", [template(1)], replace=False)
    keeper.enrol("bob", [template(2)], replace=False)
    old = keeper.current
    keeper.remove("ann")
    assert names(keeper.current, vector(1)) == ["bob"]
    assert keeper.current.scores("ann", vector(1)) == ()
    assert old is not keeper.current


def test_replaced_templates_are_found_in_place_of_the_old(keeper: GalleryKeeper) -> None:
    keeper.enrol("ann", [template(1)], replace=False)
    keeper.enrol("ann", [template(2)], replace=True)
    assert keeper.current.scores("ann", vector(2)) == pytest.approx([1.0], abs=1e-5)
    assert len(keeper.current) == 1


def test_refresh_takes_up_what_another_process_did(keeper: GalleryKeeper, tmp_path: Path) -> None:
    other = open_store(tmp_path)
    keeper.enrol("ann", [template(1)], replace=False)
    other.enrol("bob", [template(2)], replace=False)
    other.remove("ann")
    assert keeper.refresh()
    assert names(keeper.current, vector(1)) == ["bob"]
    assert not keeper.refresh()


def test_an_own_change_does_not_hide_another_process_s(keeper: GalleryKeeper, tmp_path: Path) -> None:
    other = open_store(tmp_path)
    other.enrol("bob", [template(2)], replace=False)
    keeper.enrol("ann", [template(1)], replace=False)
    assert sorted(names(keeper.current, vector(1))) == ["ann", "bob"]
    other.enrol("cid", [template(3)], replace=False)
    keeper.remove("ann")
    assert sorted(names(keeper.current, vector(1))) == ["bob", "cid"]


def test_suspended_people_are_not_matched(keeper: GalleryKeeper, store: Store) -> None:
    keeper.enrol("ann", [template(1)], replace=False)
    store.update("ann", active=False)
    keeper.refresh()
    assert keeper.current.search(vector(1)) == ()
    store.update("ann", active=True)
    keeper.refresh()
    assert names(keeper.current, vector(1)) == ["ann"]


def test_templates_of_another_model_are_not_matched(keeper: GalleryKeeper) -> None:
    keeper.enrol("old", [template(1, model="former/1", dimension=24)], replace=False)
    keeper.enrol("new", [template(2)], replace=False)
    assert names(keeper.current, vector(2)) == ["new"]


def test_scores_outlive_a_new_secret(keeper: GalleryKeeper, tmp_path: Path) -> None:
    for seed in range(5):
        keeper.enrol(f"p{seed}", [template(seed)], replace=False)
    before = keeper.current
    probe = vector(3)
    expected = before.search(probe)
    assert renew_transform(open_store(tmp_path)) == 5
    keeper.refresh()
    assert names(keeper.current, probe) == [candidate.person_id for candidate in expected]
    assert keeper.current.search(probe)[0].score == pytest.approx(expected[0].score, abs=1e-5)


def test_a_failing_disk_leaves_the_least_possible_score(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper = GalleryKeeper(store=store, model=MODEL, exact_rows=0)
    keeper.enrol("ann", [template(1)], replace=False)

    def fail(model: str, numbers: object) -> None:
        raise StoreError("the disk is gone")

    monkeypatch.setattr(store, "embeddings", fail)
    keeper.enrol("bob", [template(2)], replace=False)
    best = keeper.current.search(vector(1))[0]
    assert best.person_id == "ann"
    assert 0.9 < best.score < 1


def test_full_chunks_are_followed_by_new_ones(keeper: GalleryKeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.gallery.keeper.ROWS", 4)
    for seed in range(11):
        keeper.enrol(f"p{seed}", [template(seed)], replace=False)
    assert [len(chunk) for chunk in keeper.current.chunks] == [4, 4, 3]
    keeper.remove("p2")
    keeper.enrol("p11", [template(11)], replace=False)
    keeper.enrol("p12", [template(12)], replace=False)
    assert sorted(len(chunk) for chunk in keeper.current.chunks) == [4, 4, 4]
    for seed in (0, 5, 10, 11, 12):
        assert names(keeper.current, vector(seed))[0] == f"p{seed}"


def test_a_large_gallery_keeps_no_float32(store: Store) -> None:
    keeper = GalleryKeeper(store=store, model=MODEL, exact_rows=3)
    for seed in range(5):
        keeper.enrol(f"p{seed}", [template(seed)], replace=False)
    assert all(chunk.exact is None for chunk in keeper.current.chunks)
    assert names(keeper.current, vector(4))[0] == "p4"


def test_searching_goes_on_while_people_are_enrolled(keeper: GalleryKeeper) -> None:
    keeper.enrol("ann", [template(0)], replace=False)
    missed: list[int] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            if names(keeper.current, vector(0))[:1] != ["ann"]:
                missed.append(1)

    thread = threading.Thread(target=search)
    thread.start()
    for seed in range(1, 30):
        keeper.enrol(f"p{seed}", [template(seed)], replace=False)
    done.set()
    thread.join()
    assert not missed


def test_the_best_match_is_the_one_of_float64(store: Store) -> None:
    keeper = GalleryKeeper(store=store, model=MODEL, exact_rows=0)
    # Near one another, so that int8 alone could not tell them apart.
    rows = np.stack([vector(0) + 0.01 * vector(seed) for seed in range(1, 300)])
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    for index, row in enumerate(rows):
        keeper.enrol(f"p{index}", [template(0).__class__(row, MODEL, "test", 1.0)], replace=False)
    for seed in range(1000, 1030):
        probe = vector(seed)
        truth = np.argsort(-(rows.astype(np.float64) @ probe.astype(np.float64)))[:2]
        assert names(keeper.current, probe) == [f"p{index}" for index in truth]
