import os
from pathlib import Path

import pytest

from daemon.drafts import draft_of, remove_stale_drafts
from tests.daemon.stores import open_store


def aged(path: Path, *, seconds: float) -> Path:
    path.write_bytes(b"left by a kill")
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))
    return path


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_a_draft_left_by_a_kill_is_removed(tmp_path: Path, suffix: str) -> None:
    draft = draft_of(tmp_path / "people.db")
    aged(draft.with_name(draft.name + suffix), seconds=4000)
    assert remove_stale_drafts(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_what_is_young_or_no_draft_stays(tmp_path: Path) -> None:
    kept = {aged(draft_of(tmp_path / "master.key"), seconds=3000)}
    for name in ("people.db", "letter.draft", "x.0123456.draft", "x.01234567.draft.txt", "x.0123456z.draft"):
        kept.add(aged(tmp_path / name, seconds=1_000_000))
    folder = tmp_path / "x.01234567.draft"
    folder.mkdir()
    os.utime(folder, (0, 0))
    assert remove_stale_drafts(tmp_path) == 0
    assert set(tmp_path.iterdir()) == {*kept, folder}


def test_a_missing_folder_is_no_failure(tmp_path: Path) -> None:
    assert remove_stale_drafts(tmp_path / "absent") == 0


def test_opening_the_store_sweeps_its_folder(tmp_path: Path) -> None:
    draft = aged(draft_of(tmp_path / "store.db"), seconds=4000)
    open_store(tmp_path).close()
    assert not draft.exists()
