from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.errors import StoreError
from daemon.mqtt.command_log import CommandLog
from daemon.mqtt.commands import Memory


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "commands.db"


@pytest.fixture
def log(path: Path) -> Iterator[CommandLog]:
    log = CommandLog(path=path, limit=3)
    yield log
    log.close()


def test_an_id_is_new_once_also_after_a_restart(log: CommandLog, path: Path) -> None:
    assert log.remember("a", now=0, until=30) is Memory.NEW
    assert log.remember("a", now=1, until=31) is Memory.KNOWN
    again = CommandLog(path=path)
    assert again.remember("a", now=1, until=31) is Memory.KNOWN
    again.close()


def test_it_rather_has_no_room_than_forgets_a_fresh_id(log: CommandLog) -> None:
    for name in "abc":
        assert log.remember(name, now=0, until=30) is Memory.NEW
    assert log.remember("d", now=30, until=60) is Memory.FULL
    assert log.remember("d", now=31, until=61) is Memory.NEW
    assert log.remember("b", now=31, until=61) is Memory.KNOWN


def test_a_clock_set_back_reopens_nothing(log: CommandLog) -> None:
    assert log.remember("a", now=1000, until=1030) is Memory.NEW
    assert log.remember("b", now=9000, until=9030) is Memory.NEW
    assert log.remember("a", now=1000, until=1030) is Memory.KNOWN


def test_only_the_owner_can_read_the_file(log: CommandLog, path: Path) -> None:
    log.remember("a", now=0, until=30)
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


def test_a_broken_or_closed_file_is_a_store_error(log: CommandLog, tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match=r"broken\.db.*no command is obeyed"):
        CommandLog(path=tmp_path / "broken.db")
    with pytest.raises(StoreError, match="nowhere"):
        CommandLog(path=tmp_path / "nowhere" / "commands.db")
    log.close()
    with pytest.raises(StoreError):
        log.remember("a", now=0, until=30)
