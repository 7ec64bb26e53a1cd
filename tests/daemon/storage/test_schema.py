import sqlite3
from pathlib import Path

import pytest

from daemon.enrolment.images import ImageArchive
from daemon.errors import StoreError
from daemon.storage import schema
from tests.daemon.stores import open_store, template

VERSION_1 = """
    CREATE TABLE keyring (one INTEGER PRIMARY KEY CHECK (one = 1), wrapped BLOB NOT NULL);
    CREATE TABLE state (
        one INTEGER PRIMARY KEY CHECK (one = 1), changes INTEGER NOT NULL, next_template INTEGER NOT NULL);
    CREATE TABLE secret (name TEXT PRIMARY KEY, record BLOB NOT NULL);
    CREATE TABLE model (model INTEGER PRIMARY KEY, tag BLOB NOT NULL UNIQUE, record BLOB NOT NULL);
    CREATE TABLE person (
        person INTEGER PRIMARY KEY, tag BLOB NOT NULL UNIQUE, active INTEGER NOT NULL, record BLOB NOT NULL);
    CREATE TABLE template (
        template INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES person ON DELETE CASCADE,
        model INTEGER NOT NULL REFERENCES model, record BLOB NOT NULL);
    CREATE INDEX template_of_person ON template (person);
    CREATE INDEX template_of_model ON template (model, template, person);
    INSERT INTO state VALUES (1, 0, 1);
    PRAGMA user_version = 1;
    PRAGMA application_id = 1096111176;
"""
"""What the first release's files hold: it stays here as it is."""


PERSON_OF_VERSION_1 = """
    INSERT INTO person VALUES (1, x'01', 1, x'02');
    INSERT INTO model VALUES (1, x'03', x'04');
    INSERT INTO template VALUES (7, 1, 1, x'05');
"""


def database(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def dump(connection: sqlite3.Connection) -> list[str]:
    return [" ".join(line.split()) for line in connection.iterdump()]


def test_every_released_version_becomes_the_present_one(tmp_path: Path) -> None:
    old, new = database(tmp_path / "old"), database(tmp_path / "new")
    old.executescript(VERSION_1)
    assert schema.prepare(old, path="old") == 1
    assert schema.prepare(new, path="new") == 0
    assert dump(old) == dump(new)
    for connection in (old, new):
        assert connection.execute("PRAGMA application_id").fetchone() == (schema.APPLICATION_ID,)
        connection.close()


def test_what_a_released_version_holds_is_kept(tmp_path: Path) -> None:
    old = database(tmp_path / "old")
    old.executescript(VERSION_1 + PERSON_OF_VERSION_1)
    schema.prepare(old, path="old")
    assert old.execute("SELECT * FROM person").fetchall() == [(1, b"\x01", 1, b"\x02")]
    assert old.execute("SELECT * FROM template").fetchall() == [(7, 1, 1, b"\x05")]
    assert old.execute("SELECT count(*) FROM image").fetchone() == (0,)
    old.close()


def test_a_store_of_the_first_release_opens_and_keeps_pictures(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    person = store.enrol("ann", [template(1)], replace=False)
    store.close()
    connection = database(tmp_path / "store.db")
    for table in ("departure", "share_state", "share", "image"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    store = open_store(tmp_path)
    assert store.person("ann") == person
    ImageArchive(store=store).keep(b"jpeg", kind="enrolment", taken=person.created, person_id="ann")
    assert store.remove("ann").images == 1
    store.close()


def test_a_step_keeps_what_is_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path)
    person = store.enrol("ann", [template(1)], replace=False)
    store.close()
    step = "ALTER TABLE person ADD COLUMN note TEXT; CREATE TABLE visit (person INTEGER)"
    connection = database(tmp_path / "store.db")
    present = len(schema.STEPS)
    assert schema.prepare(connection, path="store.db", steps=(*schema.STEPS, step)) == present
    assert connection.execute("PRAGMA user_version").fetchone() == (present + 1,)
    assert connection.execute("SELECT note FROM person").fetchall() == [(None,)]
    connection.execute(f"PRAGMA user_version = {present}")
    connection.close()
    assert open_store(tmp_path).person("ann") == person


def test_a_step_that_fails_changes_nothing(tmp_path: Path) -> None:
    connection = database(tmp_path / "store.db")
    connection.executescript(VERSION_1)
    before = dump(connection)
    with pytest.raises(sqlite3.OperationalError, match="nonsense"):
        schema.prepare(connection, path="store.db", steps=(*schema.STEPS, "CREATE TABLE half (x); nonsense"))
    assert dump(connection) == before
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.close()


def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    connection = database(tmp_path / "store.db")
    connection.executescript(VERSION_1)
    connection.execute(f"PRAGMA user_version = {len(schema.STEPS) + 1}")
    with pytest.raises(StoreError, match=r"store\.db: written by a newer release"):
        schema.prepare(connection, path="store.db")
    connection.close()
