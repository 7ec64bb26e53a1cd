import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

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
