import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from daemon.audit import DAY_SECONDS, AuditTrail, Entry
from daemon.errors import AuditError

SECRET = bytes(range(32))


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1.6e9

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def trail(tmp_path: Path, clock: Clock) -> Iterator[AuditTrail]:
    with closing(AuditTrail(path=tmp_path / "audit.db", store_secret=SECRET, clock=clock)) as trail:
        for number in range(5):
            trail.append(Entry("shop", "enrol", f"person {number}", "200", f"request-{number}"))
            clock.now += DAY_SECONDS
        yield trail


def tamper(tmp_path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(tmp_path / "audit.db", isolation_level=None)) as db:
        db.execute("DROP TRIGGER append_only")
        for statement in statements:
            db.execute(statement)


def test_lines_say_who_did_what_to_whom_when(trail: AuditTrail) -> None:
    assert trail.verify() == 5
    assert json.loads(trail.lines(limit=1)[0]) == {
        "seq": 5,
        "time": "2020-09-17T12:26:40.000Z",
        "who": "shop",
        "what": "enrol",
        "whom": "person 4",
        "result": "200",
        "request_id": "request-4",
    }


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("DELETE FROM line WHERE seq = 3", "line 3 is missing"),
        ("DELETE FROM line WHERE seq = 1", "line 1 is missing"),
        ("DELETE FROM line WHERE seq = 5", "ends at line 4, but 5 were written"),
        ("DELETE FROM line", "ends at line 0, but 5 were written"),
        ("UPDATE line SET text = replace(text, 'shop', 'cook') WHERE seq = 2", "line 2 is not as it was written"),
        ("UPDATE line SET mac = x'00' WHERE seq = 4", "line 4 is not as it was written"),
        ("UPDATE ends SET first = 2", "the record of both ends is not as it was written"),
        ("DELETE FROM ends", "the record of both ends was removed"),
    ],
)
def test_what_was_done_to_a_line_shows(trail: AuditTrail, tmp_path: Path, statement: str, message: str) -> None:
    tamper(tmp_path, statement)
    with pytest.raises(AuditError, match=message):
        trail.verify()


def test_exchanged_lines_show(trail: AuditTrail, tmp_path: Path) -> None:
    tamper(
        tmp_path,
        "UPDATE line SET seq = 99 WHERE seq = 2",
        "UPDATE line SET seq = 2 WHERE seq = 3",
        "UPDATE line SET seq = 3 WHERE seq = 99",
    )
    with pytest.raises(AuditError, match="line 2 is not as it was written"):
        trail.verify()


def test_nothing_is_altered_through_the_file_as_it_is(trail: AuditTrail, tmp_path: Path) -> None:
    with (
        closing(sqlite3.connect(tmp_path / "audit.db")) as db,
        pytest.raises(sqlite3.IntegrityError, match="lines are never altered"),
    ):
        db.execute("UPDATE line SET text = ''")


def test_another_store_can_neither_read_on_nor_forge(trail: AuditTrail, tmp_path: Path) -> None:
    with closing(AuditTrail(path=tmp_path / "audit.db", store_secret=b"x" * 32)) as other:
        with pytest.raises(AuditError, match="of another store"):
            other.append(Entry("shop", "enrol", None, "200"))
        with pytest.raises(AuditError, match="of another store"):
            other.verify()


def test_old_lines_go_and_the_chain_holds(trail: AuditTrail) -> None:
    assert trail.prune(older_than_days=2.5) == 3
    assert trail.verify() == 2
    assert trail.prune(older_than_days=2.5) == 0
    trail.append(Entry("shop", "remove", "person 1", "200"))
    assert trail.verify() == 3
    assert trail.prune(older_than_days=0) == 2


def test_what_is_kept_for_days_goes_by_itself_once_a_day(tmp_path: Path, clock: Clock) -> None:
    with closing(AuditTrail(path=tmp_path / "own.db", store_secret=SECRET, keep_days=2, clock=clock)) as trail:
        for _ in range(10):
            trail.append(Entry("shop", "enrol", None, "200"))
            clock.now += DAY_SECONDS
        assert trail.verify() == 3


def test_a_clock_that_jumps_neither_removes_the_trail_nor_keeps_it_for_ever(tmp_path: Path, clock: Clock) -> None:
    def opened() -> AuditTrail:
        return AuditTrail(path=tmp_path / "own.db", store_secret=SECRET, keep_days=365, clock=clock)

    with closing(opened()) as trail:
        for _ in range(3):
            trail.append(Entry("shop", "enrol", None, "200"))
        for years in (50, -100, 50):
            clock.now += years * 365 * DAY_SECONDS
            trail.append(Entry("shop", "enrol", None, "200"))
        assert trail.verify() == 6
        for _ in range(400):
            clock.now += DAY_SECONDS
            trail.append(Entry("shop", "enrol", None, "200"))
        assert trail.verify() == 366
    clock.now += 50 * 365 * DAY_SECONDS
    with closing(opened()) as trail:
        trail.append(Entry("shop", "enrol", None, "200"))
        assert trail.verify() == 366


def test_two_processes_append_to_one_chain(trail: AuditTrail, tmp_path: Path) -> None:
    with closing(AuditTrail(path=tmp_path / "audit.db", store_secret=SECRET)) as other:
        other.append(Entry("cli:root", "create key", "shop", "done"))
        trail.append(Entry("shop", "enrol", "a", "200"), durable=False)
        assert trail.verify() == other.verify() == 7
