from pathlib import Path

import pytest

from daemon.door.memory import MarkFile


def mark(path: Path) -> MarkFile:
    return MarkFile(path, locked="locked down")


def test_a_mark_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "lockdown"
    assert not mark(path).load()
    for there in (True, True, False, False, True):
        mark(path).save(there)
        assert mark(path).load() is there


def test_it_knows_since_when(tmp_path: Path) -> None:
    path = tmp_path / "lockdown"
    mark(path).save(True)
    again = mark(path)
    again.load()
    assert again.since == path.stat().st_mtime


def test_a_disk_that_does_not_tell_is_a_mark(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    memory = mark(tmp_path / "file" / "lockdown")
    assert memory.load()
    assert memory.since is None
    assert "the door starts locked down" in caplog.text
    memory.save(True)
    assert "can't be remembered" in caplog.text
