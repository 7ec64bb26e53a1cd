"""The copy of the people's data before an upgrade, and its way back."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from appliance import data
from appliance.errors import Trouble
from appliance.places import Places


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(tmp_path)
    places.data.mkdir(mode=0o700, parents=True)
    database(places.data / "people.db", 3)
    (places.data / "master.key").write_text("secret")
    (places.data / "master.key").chmod(0o600)
    return places


def database(path: Path, version: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS t (v)")
        connection.execute(f"PRAGMA user_version = {version}")


def test_versions_of_the_databases(places: Places) -> None:
    database(places.data / "events.db", 7)
    assert data.schemas(places.data) == {"events.db": 7, "people.db": 3}


def test_a_damaged_database_is_told(places: Places) -> None:
    (places.data / "people.db").write_bytes(b"no database at all, but long enough to be looked at")
    with pytest.raises(Trouble, match=r"people\.db: file is not a database"):
        data.schemas(places.data)


@pytest.mark.parametrize(
    ("now", "changed"),
    [
        ({"people.db": 3}, []),
        ({"people.db": 3, "new.db": 1}, []),
        ({}, []),
        ({"people.db": 2}, []),
        ({"people.db": 4}, ["people.db from 3 to 4"]),
    ],
)
def test_what_an_older_release_can_not_read(now: dict[str, int], changed: list[str]) -> None:
    assert data.unreadable({"people.db": 3}, now) == changed


def test_a_snapshot_comes_back_as_it_was(places: Places) -> None:
    snapshot = data.take(places, "1.0.0-x")
    assert stat.S_IMODE(snapshot.path.stat().st_mode) == 0o600
    assert data.find(places) == snapshot
    database(places.data / "people.db", 4)
    (places.data / "later").touch()
    data.restore(places, snapshot)
    assert data.schemas(places.data) == {"people.db": 3}
    assert sorted(path.name for path in places.data.iterdir() if not path.name.endswith(("-wal", "-shm"))) == [
        "master.key",
        "people.db",
    ]
    assert (places.data / "master.key").read_text() == "secret"
    assert stat.S_IMODE((places.data / "master.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(places.data.stat().st_mode) == 0o700
    assert [path.name for path in places.data.parent.iterdir()] == [places.data.name]


def test_a_torn_snapshot_leaves_the_data(places: Places) -> None:
    snapshot = data.take(places, "1.0.0-x")
    whole = snapshot.path.read_bytes()
    snapshot.path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Trouble, match="the data stay as they are"):
        data.restore(places, snapshot)
    assert (places.data / "master.key").read_text() == "secret"


def test_no_snapshot_is_none(places: Places) -> None:
    assert data.find(places) is None
