import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from daemon.storage.backup import restore_backup, write_backup
from daemon.storage.departures import GRACE_HOURS, Departed, Departures
from daemon.storage.store import Store
from tests.daemon.stores import MODEL, open_store, template

PASSPHRASE = "correct horse battery"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path)) as store:
        for person_id in ("ada", "bob"):
            store.enrol(person_id, [template(1)], replace=False)
        yield store


@pytest.fixture
def departures(store: Store) -> Departures:
    return Departures(file=store.file)


def rows(folder: Path) -> list[int]:
    with closing(sqlite3.connect(folder / "store.db")) as db:
        return [hours for (hours,) in db.execute("SELECT hours FROM departure")]


def test_who_was_removed_is_gone_until_that_has_served(store: Store, departures: Departures, tmp_path: Path) -> None:
    marker = store.change_marker()
    assert departures.among(["ada", "bob"]) == Departed()
    store.remove("ada")
    store.file.rotate()
    departed = departures.among(["ada", "bob", "eve"])
    assert (departed.gone, departed.missing) == (("ada",), ("eve",))
    departures.settle(departed)
    assert rows(tmp_path) == [GRACE_HOURS]
    assert store.change_marker() == marker + 2


def test_a_removal_outlives_a_restore_but_not_the_return_of_the_person(
    store: Store, departures: Departures, tmp_path: Path
) -> None:
    write_backup(store, tmp_path / "both", passphrase=PASSPHRASE, log_cost=4)
    store.remove("ada")
    write_backup(store, tmp_path / "bob", passphrase=PASSPHRASE, log_cost=4)
    restore_backup(store, tmp_path / "bob", passphrase=PASSPHRASE, model=MODEL)
    assert departures.among(["ada"]).gone == ("ada",)
    restore_backup(store, tmp_path / "both", passphrase=PASSPHRASE, model=MODEL)
    departed = departures.among(["ada"])
    assert (departed.gone, departed.missing) == ((), ())
    departures.settle(departed)
    assert rows(tmp_path) == []


def test_the_months_of_somebody_who_came_back_start_anew(store: Store, departures: Departures, tmp_path: Path) -> None:
    departures.settle(departures.among(["eve"]))
    departures.settle(departures.among(["eve"]), hours=GRACE_HOURS - 1)
    assert departures.among(["eve"]).missing == ("eve",)
    store.enrol("eve", [template(2)], replace=False)
    departures.settle(departures.among(["eve"]))
    assert rows(tmp_path) == []


def test_a_damaged_person_is_gone_too_once_removed(store: Store, departures: Departures) -> None:
    with store.file.writing() as session:
        session.connection.execute("UPDATE person SET record = zeroblob(99) WHERE person = 1")
    assert departures.among(["ada"]) == Departed()
    store.remove("ada")
    assert departures.among(["ada"]).gone == ("ada",)
