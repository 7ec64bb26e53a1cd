from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from daemon.config.settings import Storage
from daemon.errors import AlreadyEnrolled, PersonIdError, PersonNotFound, StoreError
from daemon.storage import store as store_module
from daemon.storage.people import NewTemplate
from daemon.storage.store import Store
from tests.daemon.stores import MODEL, open_store, template, vector


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path)


def test_keeps_a_person_over_closing(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    enrolled = store.enrol("ann", [template(1), template(2)], replace=False)
    store.close()
    assert open_store(tmp_path).people() == (enrolled,)
    assert enrolled.templates == 2
    assert enrolled.active
    assert enrolled.created == enrolled.updated


def test_a_taken_id_needs_replace(store: Store) -> None:
    store.enrol("ann", [template(1)], replace=False)
    with pytest.raises(AlreadyEnrolled, match="ann"):
        store.enrol("ann", [template(2)], replace=False)


def test_replacing_needs_a_taken_id(store: Store) -> None:
    with pytest.raises(PersonNotFound, match="ann"):
        store.enrol("ann", [template(1)], replace=True)
    assert store.people() == ()


def test_replacing_keeps_created_and_puts_new_templates(store: Store) -> None:
    first = store.enrol("ann", [template(1), template(2)], replace=False)
    second = store.enrol("ann", [template(3)], replace=True)
    assert second.created == first.created
    assert second.updated > first.updated
    assert second.templates == 1
    ids, rows = store.templates(MODEL)
    assert ids == ("ann",)
    assert rows.shape == (1, 16)


def test_scores_between_stored_templates_are_the_originals(store: Store) -> None:
    for seed in range(5):
        store.enrol(f"p{seed}", [template(seed)], replace=False)
    _, rows = store.templates(MODEL)
    originals = np.stack([vector(seed) for seed in range(5)])
    np.testing.assert_allclose(rows @ rows.T, originals @ originals.T, atol=1e-5)
    assert np.abs(rows - originals).max() > 0.1


def test_update_changes_only_what_is_given(store: Store) -> None:
    person = store.enrol("ann", [template(1)], replace=False)
    until = datetime.now(timezone.utc) + timedelta(days=1)
    changed = store.update("ann", valid_until=until, groups=["day", "näht"])
    assert changed == replace(person, valid_until=until, groups=("day", "näht"), updated=changed.updated)
    assert store.update("ann", valid_until=None).valid_until is None
    assert store.person("ann").groups == ("day", "näht")


def test_a_suspended_person_has_no_templates_to_match_until_resumed(store: Store) -> None:
    store.enrol("ann", [template(1)], replace=False)
    _, before = store.templates(MODEL)
    store.update("ann", active=False)
    assert store.templates(MODEL)[0] == ()
    store.enrol("ann", [template(1)], replace=True)
    assert not store.person("ann").active
    assert store.templates(MODEL)[0] == ()
    store.update("ann", active=True)
    np.testing.assert_array_equal(store.templates(MODEL)[1], before)


def test_remove_gives_a_receipt(store: Store) -> None:
    person = store.enrol("ann", [template(1), template(2)], replace=False)
    receipt = store.remove("ann")
    assert receipt.complete
    assert receipt.templates == 2
    assert receipt.created == person.created
    assert receipt.person_hash == store.person_hash("ann") != store.person_hash("bob")
    with pytest.raises(PersonNotFound):
        store.person("ann")
    assert store.templates(MODEL)[0] == ()


def test_lists_people_without_a_template_of_the_model(store: Store) -> None:
    store.enrol("old", [template(1, model="former/1")], replace=False)
    store.enrol("new", [template(2)], replace=False)
    assert [person.person_id for person in store.stale(MODEL)] == ["old"]
    assert store.templates(MODEL)[0] == ("new",)
    store.enrol("old", [template(1)], replace=True)
    assert store.stale(MODEL) == ()


def test_the_marker_moves_with_every_change_of_any_process(tmp_path: Path) -> None:
    here, there = open_store(tmp_path), open_store(tmp_path)
    before = here.change_marker()
    there.enrol("ann", [template(1)], replace=False)
    after = here.change_marker()
    assert after != before
    assert here.change_marker() == after
    assert here.person("ann") == there.person("ann")


@pytest.mark.parametrize("person_id", ["", "a" * 129, "a b", "a/b", "ä", "a\n", "a'--"])
def test_refuses_a_malformed_person_id(store: Store, person_id: str) -> None:
    for use in (store.person, store.remove, lambda bad: store.enrol(bad, [template(1)], replace=False)):
        with pytest.raises(PersonIdError, match="person_id"):
            use(person_id)


@pytest.mark.parametrize(
    "embedding", [np.ones(16, np.float32), np.ones((1, 1), np.float32), np.ones(1), np.full(1, np.nan, np.float32)]
)
def test_refuses_what_is_no_embedding(store: Store, embedding: np.ndarray) -> None:
    with pytest.raises(ValueError, match="unit length"):
        store.enrol("ann", [NewTemplate(embedding, MODEL, "test", 1.0)], replace=False)
    assert store.people() == ()


def test_refuses_to_enrol_nothing(store: Store) -> None:
    with pytest.raises(StoreError, match="ann"):
        store.enrol("ann", [], replace=False)


def test_opens_the_store_of_a_configuration(tmp_path: Path) -> None:
    opened = store_module.open_store(Storage(folder=tmp_path / "lib"), environ={})
    opened.enrol("ann", [template(1)], replace=False)
    opened.close()
    assert sorted(path.name for path in (tmp_path / "lib").iterdir()) == ["master.key", "people.db"]
    assert len(store_module.open_store(Storage(folder=tmp_path / "lib"), environ={}).people()) == 1


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.people()
