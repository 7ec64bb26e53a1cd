"""Who may not use a file learns whose it is, instead of a traceback."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from daemon.cli import main
from daemon.errors import StoreError
from daemon.events.history import EventHistory
from daemon.owners import whose

NOBODY = 65534


@pytest.fixture
def barred() -> Iterator[Path]:
    """A folder that this test may not look into: run by root, it is somebody else for so long.

    Beside it lie a configuration that names it, `own.toml`, and an `events.db` for its owner alone.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        inner = folder / "barred"
        inner.mkdir(mode=0o000)
        (folder / "own.toml").write_text(f'[storage]\nfolder = "{inner}"\n')
        (folder / "events.db").touch(mode=0o600)
        me = os.geteuid()
        if me == 0:
            os.seteuid(NOBODY)
        yield inner
        os.seteuid(me)
        inner.chmod(0o700)


def test_what_bars_the_way_is_named_with_its_owners_and_mode(barred: Path) -> None:
    found = whose(barred / "deep" / "config.toml")
    assert found.startswith(f"{barred} belongs to user ")
    assert found.endswith(", mode 0000; use sudo")


def test_owners_without_a_name_are_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.touch(mode=0o640)

    def absent(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr("pwd.getpwuid", absent)
    monkeypatch.setattr("grp.getgrgid", absent)
    status = file.stat()
    assert whose(file) == f"{file} belongs to user {status.st_uid} and group {status.st_gid}, mode 0640; use sudo"


@pytest.mark.parametrize("words", [("events",), ("people",), ("config", "check"), ("setup", "--yes")])
def test_a_usual_configuration_that_may_not_be_looked_at(
    barred: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("options", "setup"):
        monkeypatch.setattr(f"daemon.cli.{name}.DEFAULT_PATH", barred / "config.toml")
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2, result.exception
    assert "config.toml: can't be " in result.stderr
    assert f"Permission denied; {barred} belongs to user " in result.stderr


def test_events_that_may_not_be_looked_at(barred: Path) -> None:
    with pytest.raises(StoreError, match=rf"events\.db: the events can't be read: .*; {barred} belongs to user "):
        EventHistory(barred / "events.db").newest()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user's file")
@pytest.mark.needs_root
def test_events_of_another_user(barred: Path) -> None:
    file = barred.parent / "events.db"
    with pytest.raises(StoreError, match=rf"events\.db: the events can't be read: .*; {file} belongs to user root "):
        EventHistory(file).newest()


@pytest.mark.parametrize("words", [("people",), ("audit", "show")])
def test_a_store_that_may_not_be_looked_at(barred: Path, words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, ["--config", str(barred.parent / "own.toml"), *words])
    assert result.exit_code == 3, result.exception
    assert f"{barred} belongs to user " in result.stderr
