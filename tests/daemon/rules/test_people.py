"""Whom the rules know: a snapshot, and the store for who came since."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from daemon.config.settings import parse
from daemon.errors import StoreError
from daemon.rules.people import PeopleDirectory
from daemon.storage.store import Store, open_store
from tests.daemon.stores import template


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    settings = parse({"storage": {"folder": str(tmp_path)}}, source="test")
    with closing(open_store(settings.storage, environ={})) as store:
        store.enrol("ada", [template(1)], replace=False)
        yield store


def test_who_was_enrolled_or_made_active_since_is_known_at_once(store: Store) -> None:
    store.update("ada", active=False)
    people = PeopleDirectory(store=store)
    ada = people.find("ada")
    assert ada is not None
    assert not ada.active
    store.update("ada", active=True)
    bob = store.enrol("bob", [template(2)], replace=False)
    ada = people.find("ada")
    assert ada is not None
    assert ada.active
    assert people.find("bob") == bob
    assert people.find("eve") is None
    assert [person.person_id for person in people.all()] == ["ada"]


def test_a_store_that_can_not_be_read_knows_nobody_else(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    people = PeopleDirectory(store=store)

    def fail(_: str) -> None:
        raise StoreError("people.db: disk I/O error")

    monkeypatch.setattr(store, "person", fail)
    assert people.find("bob") is None
    assert "disk I/O error" in caplog.text
    assert people.find("ada") is not None
