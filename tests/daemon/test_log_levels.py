"""Levels that an operator sets for a while, and a terminal that follows them."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.errors import StoreError
from daemon.log_levels import LevelsFile, LevelsFollower
from daemon.logs import reset_levels
from tests.daemon.terminal import Terminal

broker = logging.getLogger("daemon.mqtt.link")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    level = logging.getLogger().level
    yield
    reset_levels("info")
    logging.getLogger().setLevel(level)


def test_a_running_terminal_follows_what_an_operator_sets(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    terminal = Terminal(tmp_path)
    (tmp_path / "store").mkdir()
    follower = LevelsFollower(LevelsFile(tmp_path / "store"), level="warning")
    reset_levels("warning")
    follower.refresh()
    assert broker.getEffectiveLevel() == logging.WARNING
    assert terminal("log-level", "debug", "--logger", "daemon.mqtt").stdout == "daemon.mqtt: debug\n"
    follower.refresh()
    assert broker.getEffectiveLevel() == logging.DEBUG
    assert logging.getLogger("daemon.door.runner").getEffectiveLevel() == logging.WARNING
    assert terminal("log-level", "error").stdout == "error; daemon.mqtt: debug\n"
    follower.refresh()
    assert logging.getLogger("daemon.door.runner").getEffectiveLevel() == logging.ERROR
    assert terminal.answer("log-level") == {"configured": "info", "set": {"": "error", "daemon.mqtt": "debug"}}
    assert terminal("log-level", "--reset").stdout == "info, as configured\n"
    follower.refresh()
    assert broker.getEffectiveLevel() == logging.WARNING
    assert not (tmp_path / "store" / "log-levels.json").exists()


def test_what_is_set_by_root_can_be_read_by_the_daemon(tmp_path: Path) -> None:
    LevelsFile(tmp_path).save({"": "debug"})
    assert (tmp_path / "log-levels.json").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("text", ["{", "[]", '{"": 7}'])
def test_a_damaged_file_is_told_once_and_changes_nothing(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "log-levels.json").write_text(text)
    follower = LevelsFollower(LevelsFile(tmp_path), level="info")
    for _ in range(3):
        follower.refresh()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    with pytest.raises(StoreError, match=r"log-levels\.json"):
        LevelsFile(tmp_path).load()


def test_a_logger_that_there_is_not_is_refused_where_it_is_typed(tmp_path: Path) -> None:
    result = Terminal(tmp_path)("log-level", "debug", "--logger", "daemon.typo")
    assert result.exit_code == 1
    assert "daemon.typo: no such logger; expected one of daemon" in result.output
