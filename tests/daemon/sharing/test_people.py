"""What a terminal shares, on disk: found whoever changed it, told until it is known, put in by the later change."""

import sqlite3
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from daemon.sharing.messages import PersonMessage, SharedPerson, SharedTemplate
from daemon.sharing.people import Due, LeftSite, SharedPeople
from daemon.sharing.site_key import SiteKey
from daemon.sharing.versions import Verdict, Version
from daemon.storage.backup import restore_backup, write_backup
from daemon.storage.departures import Departures
from daemon.storage.people import Person
from daemon.storage.records import StoredTemplate
from daemon.storage.renewal import renew_transform
from daemon.storage.store import Store
from tests.daemon.sharing_broker import SITE
from tests.daemon.stores import MODEL, open_store, template, vector

ADA = SITE.person_hash("ada")
ALL = range(256)


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def people(store: Store) -> SharedPeople:
    return joined(store)


def joined(store: Store, site: SiteKey = SITE) -> SharedPeople:
    people = SharedPeople(store=store, site=site, device_id="door1", max_skew_ms=300_000)
    people.join()
    return people


def due(people: SharedPeople) -> list[Due]:
    people.stamp()
    return people.due(b"", 100)[0]


def publish(people: SharedPeople) -> list[Due]:
    items = due(people)
    people.published([(item.hash, item.version) for item in items])
    return items


def message(version: Version, *, seed: int | None = 1) -> PersonMessage:
    if seed is None:
        return PersonMessage(ADA, version, None)
    person = Person("ada", version_time(version), version_time(version), templates=1)
    stored = StoredTemplate("ada", person.created, 0.9, "test", vector(seed))
    return PersonMessage(ADA, version, SharedPerson(person, (SharedTemplate(MODEL, stored),)))


def version_time(version: Version) -> datetime:
    return datetime.fromtimestamp(version.ms / 1000, timezone.utc)


def at(people: SharedPeople, seconds: float, device: str = "door2") -> Version:
    return Version(people.now_ms + int(seconds * 1000), 0, device, b"12345678")


def test_who_was_enrolled_before_is_shared_with_the_time_of_their_last_change(tmp_path: Path) -> None:
    with_people = open_store(tmp_path)
    ada = with_people.enrol("ada", [template(1)], replace=False)
    people = joined(with_people)
    assert [(item.hash, item.version.ms) for item in due(people)] == [(ADA, int(ada.updated.timestamp() * 1000))]
    assert with_people.listing(MODEL)[2] == SITE.transform_secret
    with_people.close()


def test_a_change_of_another_process_is_found(tmp_path: Path, store: Store, people: SharedPeople) -> None:
    other = open_store(tmp_path)
    other.enrol("ada", [template(1)], replace=False)
    first = publish(people)[0].version
    other.update("ada", active=False)
    second = publish(people)[0].version
    other.remove("ada")
    (removal,) = publish(people)
    assert first < second < removal.version
    assert removal.content == b""
    assert due(people) == []
    other.close()


def test_what_is_due_survives_until_it_is_confirmed(tmp_path: Path, people: SharedPeople, store: Store) -> None:
    store.enrol("ada", [template(1)], replace=False)
    store.enrol("bob", [template(2)], replace=False)
    publish(people)
    store.remove("ada")
    store.enrol("bob", [template(3)], replace=True)
    before = due(people)
    again = open_store(tmp_path)
    assert [(item.hash, item.version) for item in due(joined(again))] == [(item.hash, item.version) for item in before]
    again.close()


def test_a_confirmation_of_what_has_changed_meanwhile_settles_nothing(store: Store, people: SharedPeople) -> None:
    store.enrol("ada", [template(1)], replace=False)
    old = due(people)
    store.remove("ada")
    people.published([(item.hash, item.version) for item in old])
    assert [item.content for item in due(people)] == [b""]


def test_new_content_never_travels_under_an_old_version(store: Store, people: SharedPeople) -> None:
    store.enrol("ada", [template(1)], replace=False)
    people.stamp()
    store.enrol("ada", [template(2)], replace=True)
    assert people.due(b"", 100) == ([], None)
    assert len(due(people)) == 1


def test_who_was_never_told_of_needs_no_tombstone(store: Store, people: SharedPeople) -> None:
    store.enrol("ada", [template(1)], replace=False)
    store.remove("ada")
    assert due(people) == []


def test_new_keys_of_the_store_are_no_change_of_people(store: Store, people: SharedPeople) -> None:
    store.enrol("ada", [template(1)], replace=False)
    publish(people)
    store.file.rotate()
    assert due(people) == []


def test_only_the_later_version_is_taken(store: Store, people: SharedPeople) -> None:
    batch = [message(at(people, seconds), seed=seed) for seconds, seed in ((0, 1), (-5, 2), (5, 3), (5000, 4))]
    verdicts = people.apply([*batch, batch[2]])
    assert verdicts == [Verdict.NEWER, Verdict.OLDER, Verdict.NEWER, Verdict.AHEAD, Verdict.SAME]
    assert store.templates(MODEL)[1].tolist() == [vector(3).tolist()]
    assert due(people) == []


def test_an_older_removal_does_not_touch_a_change_that_was_not_even_stamped(store: Store, people: SharedPeople) -> None:
    people.apply([message(at(people, -100))])
    store.enrol("ada", [template(2)], replace=True)
    assert people.apply([message(at(people, -50), seed=None)]) == [Verdict.OLDER]
    assert [person.person_id for person in store.people()] == ["ada"]


def test_a_removal_of_somebody_unknown_is_remembered(store: Store, people: SharedPeople) -> None:
    version = at(people, 0)
    assert people.apply([message(version, seed=None)]) == [Verdict.NEWER]
    assert people.apply([message(at(people, -9))]) == [Verdict.OLDER]
    assert store.people() == ()


def test_who_is_removed_by_another_terminal_leaves_no_bytes(tmp_path: Path, store: Store, people: SharedPeople) -> None:
    people.apply([message(at(people, 0))])
    path = tmp_path / "store.db"
    connection = sqlite3.connect(path)
    (record,) = connection.execute("SELECT record FROM template").fetchone()
    connection.close()
    people.apply([message(at(people, 1), seed=None)])
    files = [path, *tmp_path.glob("store.db-*")]
    assert not any(record[100:132] in file.read_bytes() for file in files)
    assert any(ADA in file.read_bytes() for file in files)


def test_the_change_marker_tells_of_people_only(store: Store, people: SharedPeople) -> None:
    store.enrol("ada", [template(1)], replace=False)
    marker = store.change_marker()
    publish(people)
    people.offer([ADA])
    people.complete(keep_tombstones_ms=1)
    assert store.change_marker() == marker
    people.apply([message(at(people, 100))])
    assert store.change_marker() == marker + 1


def test_removals_are_forgotten_after_their_time_once_they_are_told(store: Store, people: SharedPeople) -> None:
    people.apply([message(at(people, -1000), seed=None)])
    assert people.settled(ALL, removed_after_ms=0) == {ADA}
    assert people.settled(ALL, removed_after_ms=people.now_ms) == set()
    people.complete(keep_tombstones_ms=2_000_000)
    assert people.counts().removals == 1
    people.complete(keep_tombstones_ms=500_000)
    assert people.counts().removals == 0


def test_a_damaged_record_does_not_spread(tmp_path: Path, store: Store, people: SharedPeople) -> None:
    store.enrol("ada", [template(1)], replace=False)
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.execute("UPDATE template SET record = zeroblob(99)")
    connection.commit()
    connection.close()
    assert due(people) == []


def test_after_a_restore_the_sites_newer_changes_win(tmp_path: Path, store: Store, people: SharedPeople) -> None:
    store.enrol("ada", [template(1)], replace=False)
    write_backup(store, tmp_path / "backup", passphrase="correct horse battery", log_cost=4)
    publish(people)
    store.remove("ada")
    removal = publish(people)[0]
    restore_backup(store, tmp_path / "backup", passphrase="correct horse battery", model=MODEL)
    with pytest.raises(LeftSite):
        people.stamp()
    people.join()
    assert people.apply([PersonMessage(ADA, removal.version, None)]) == [Verdict.NEWER]
    assert store.people() == ()


def test_a_renewed_transform_is_turned_back_before_anything_is_shared(store: Store, people: SharedPeople) -> None:
    store.enrol("ada", [template(1)], replace=False)
    publish(people)
    renew_transform(store)
    for action in (people.stamp, lambda: people.due(b"", 1), lambda: people.apply([])):
        with pytest.raises(LeftSite):
            action()
    people.join()
    assert store.listing(MODEL)[2] == SITE.transform_secret
    assert due(people) == []


def test_who_comes_back_after_a_removal_is_later_than_it(store: Store, people: SharedPeople) -> None:
    people.apply([message(at(people, 200), seed=None)])  # by a clock that is ahead of ours
    store.enrol("ada", [template(1)], replace=False)
    (item,) = due(people)
    assert item.version > at(people, 100)
    assert item.content


@pytest.mark.parametrize("way", ["removed elsewhere", "unknown to the site"])
def test_whom_the_site_removes_is_known_to_be_gone(store: Store, people: SharedPeople, way: str) -> None:
    store.enrol("ada", [template(1)], replace=False)
    publish(people)
    if way == "removed elsewhere":
        people.apply([message(at(people, 100), seed=None)])
    else:
        people.discard([ADA])
    assert Departures(file=store.file).among(["ada", "bob"]).gone == ("ada",)


def test_only_settled_people_are_discarded(store: Store, people: SharedPeople) -> None:
    store.enrol("ada", [template(1)], replace=False)
    people.stamp()
    assert people.discard([ADA]) == 0
    publish(people)
    assert people.discard([ADA]) == 1
    assert store.people() == ()
    assert due(people) == []


def test_versions_of_the_future_are_counted_and_dated_anew(store: Store, people: SharedPeople) -> None:
    ahead = SharedPeople(store=store, site=SITE, device_id="door1", max_skew_ms=10**9)
    ahead.join()
    ahead.apply([message(at(people, 5000))])
    assert people.ahead() == 1
    assert people.restamp() == 1
    assert people.ahead() == 0
    assert [item.hash for item in due(people)] == [ADA]


def test_a_time_of_reading_that_was_ahead_ends_with_dating_anew(store: Store) -> None:
    clock = Clock(time.time() + 1e8)
    people = SharedPeople(store=store, site=SITE, device_id="door1", max_skew_ms=300_000, clock=clock)
    people.join()
    people.complete(keep_tombstones_ms=1)
    clock.now -= 1e8
    people.complete(keep_tombstones_ms=1)
    assert people.join() > people.now_ms
    people.restamp()
    assert people.join() == people.now_ms
