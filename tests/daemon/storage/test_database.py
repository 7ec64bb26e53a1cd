import resource
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from daemon.errors import StoreError
from daemon.storage.database import Database, create, named_failures


def build(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE thing (name TEXT)")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "folder" / "some.db"
    create(path, build)
    return path


@pytest.fixture
def database(path: Path) -> Database:
    return Database(path=path)


def things(database: Database) -> list[str]:
    with database.reading() as connection:
        return [name for (name,) in connection.execute("SELECT name FROM thing ORDER BY rowid")]


def put(database: Database, name: str) -> None:
    with database.writing() as connection:
        connection.execute("INSERT INTO thing VALUES (?)", (name,))


def test_a_new_file_is_nobody_else_s_and_leaves_no_draft(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["some.db"]


def test_what_another_process_made_first_stays(path: Path, database: Database) -> None:
    put(database, "theirs")
    create(path, build)
    assert things(database) == ["theirs"]


def test_a_file_that_can_t_be_built_is_not_there(tmp_path: Path) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE half (x)")
        connection.execute("nonsense")

    with pytest.raises(StoreError, match=r"other\.db: near"):
        create(tmp_path / "other.db", fail)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_t_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreError, match=r"some\.db: can't be made: .*; the folder must belong to the daemon's user"):
        create(tmp_path / "file" / "some.db", build)


def test_the_settings_that_durability_and_erasure_rest_on(database: Database) -> None:
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "page_size": 8192,
    }
    with database.exclusive() as writer, database.reading() as reader:
        for connection in (writer, reader):
            found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in expected}
            assert found == expected


def test_a_failed_change_is_undone(database: Database) -> None:
    put(database, "kept")

    def fail() -> None:
        with database.writing() as connection:
            connection.execute("INSERT INTO thing VALUES ('lost')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert things(database) == ["kept"]
    put(database, "next")
    assert things(database) == ["kept", "next"]


def test_a_reader_keeps_its_view_and_holds_no_writer_up(database: Database) -> None:
    put(database, "before")
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM thing").fetchone() == (1,)
        put(database, "after")
        assert connection.execute("SELECT count(*) FROM thing").fetchone() == (1,)
    assert things(database) == ["before", "after"]


def test_many_threads_write_one_after_the_other(database: Database) -> None:
    threads = [threading.Thread(target=put, args=(database, str(number))) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(things(database)) == [str(number) for number in range(8)]


def test_connections_are_used_again(database: Database) -> None:
    with database.reading() as first:
        pass
    with database.reading() as second, database.reading() as third:
        assert second is first
        assert third is not first


def test_the_log_is_cut_unless_it_is_being_read(path: Path, database: Database) -> None:
    put(database, "one")
    log = path.with_name("some.db-wal")
    assert log.stat().st_size > 0
    assert database.empty_log()
    assert log.stat().st_size == 0
    with database.exclusive() as connection:
        connection.execute("PRAGMA busy_timeout = 0")
    with database.reading() as connection:
        connection.execute("SELECT * FROM thing").fetchall()
        put(database, "two")
        assert not database.empty_log()
    assert database.empty_log()


def test_a_disk_that_refuses_to_empty_the_log_undoes_no_change(
    path: Path, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    put(database, "x" * 500_000)
    assert database.empty_log()
    put(database, "y" * 100_000)
    _, hard = soft_hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
    try:
        assert not database.empty_log()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, soft_hard)
    assert "some.db: the log is not emptied yet" in caplog.text
    assert database.empty_log()
    assert [name[0] for name in things(database)] == ["x", "y"]


def test_a_closed_one_says_so(database: Database) -> None:
    database.close()
    with pytest.raises(StoreError, match="the store is closed"), database.reading():
        pass
    with pytest.raises(StoreError, match=r"some\.db"):
        put(database, "late")


def test_a_reader_may_outlive_the_closing(database: Database) -> None:
    with database.reading() as connection:
        database.close()
        assert connection.execute("SELECT count(*) FROM thing").fetchone() == (0,)
    with pytest.raises(sqlite3.ProgrammingError):
        connection.execute("SELECT 1")


@pytest.mark.parametrize("content", [b"", b"a letter, not a database; long enough to have a header of its own " * 4])
def test_another_kind_of_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"letter\.db: not a store, or its beginning is damaged; nothing was changed"):
        Database(path=path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("database or disk is full", "the disk is full"),
        ("disk I/O error", "can't be read or written"),
        ("attempt to write a readonly database", "read-only"),
        ("unable to open database file", "can't be opened"),
        ("database is locked", "another process kept it locked"),
        ("database disk image is malformed", "a page is damaged"),
        ("no such table: person", "no such table: person"),
    ],
)
def test_every_failure_is_named_with_the_file_and_what_to_do(text: str, meaning: str) -> None:
    with pytest.raises(StoreError, match=rf"people\.db: .*{meaning}"), named_failures(Path("people.db")):
        raise sqlite3.OperationalError(text)
