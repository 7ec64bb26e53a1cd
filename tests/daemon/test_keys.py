import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from daemon.errors import ApiKeyError
from daemon.keys import KeyRing, Permission


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[KeyRing]:
    with closing(KeyRing(path=tmp_path / "keys.db", store_secret=bytes(32))) as ring:
        yield ring


def test_a_permission_of_a_newer_release_keeps_no_other_from_working(ring: KeyRing, tmp_path: Path) -> None:
    made = ring.create("both", [Permission.IDENTIFY])
    with closing(sqlite3.connect(tmp_path / "keys.db")) as db, db:
        db.execute("UPDATE key SET permissions = 'identify,teleport'")
    assert [key.permissions for key in ring.all()] == [{Permission.IDENTIFY}]
    found = ring.find(made.value)
    assert found is not None
    assert found.permissions == {Permission.IDENTIFY}
    ring.create("more", [Permission.VERIFY])
    assert ring.revoke("both").permissions == {Permission.IDENTIFY}


def test_a_name_is_taken_once_also_by_two_at_a_time(ring: KeyRing, tmp_path: Path) -> None:
    def clock_of_the_slower() -> float:
        ring.create("till", [Permission.VIEW])
        return time.time()

    path, secret = tmp_path / "keys.db", bytes(32)
    with closing(KeyRing(path=path, store_secret=secret, clock=clock_of_the_slower)) as slower:
        with pytest.raises(ApiKeyError, match="one already"):
            slower.create("till", [Permission.VIEW])
        assert len(slower.all()) == 1
    ring.revoke("till")
    ring.create("till", [Permission.VIEW])


@pytest.mark.parametrize("name", ["", ".", "..", "...", "a/b", "a\n", "ä", "a" * 65])
def test_what_is_no_name_is_refused(ring: KeyRing, name: str) -> None:
    with pytest.raises(ApiKeyError, match="expected 1 to 64"):
        ring.create(name, [Permission.VIEW])


@pytest.mark.parametrize("name", ["a", "..a", " ", "a.b-c_d 7", "a" * 64, "-."])
def test_every_other_is_taken(ring: KeyRing, name: str) -> None:
    assert ring.create(name, [Permission.VIEW]).key.name == name
