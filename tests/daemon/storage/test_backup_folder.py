"""A folder of backups: what is added, what is kept."""

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from daemon.errors import BackupError
from daemon.storage.backup_folder import add_backup, backups
from daemon.storage.store import Store
from tests.daemon.stores import open_store

NIGHT = datetime(2026, 11, 23, 3, 17, tzinfo=timezone.utc)
WORDS = "correct horse battery staple"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path)) as store:
        yield store


def names(folder: Path) -> list[str]:
    return [file.name for file in backups(folder)]


def test_the_newest_are_kept(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    for night in range(4):
        path, written = add_backup(
            store, folder, passphrase=WORDS, keep=2, now=NIGHT + timedelta(days=night), log_cost=4
        )
        assert path.stat().st_mode & 0o777 == 0o600
        assert written.people == 0
    assert names(folder) == ["people-20261126T031700Z.backup", "people-20261125T031700Z.backup"]


def test_after_a_clock_went_back_the_one_just_written_stays(store: Store, tmp_path: Path) -> None:
    for days in (5, 6, 0):
        add_backup(store, tmp_path, passphrase=WORDS, keep=2, now=NIGHT + timedelta(days=days), log_cost=4)
    assert names(tmp_path) == ["people-20261129T031700Z.backup", "people-20261123T031700Z.backup"]


def test_one_of_the_future_holds_no_place_of_a_real_one(store: Store, tmp_path: Path) -> None:
    (tmp_path / "people-20320101T000000Z.backup").touch()
    for days in (0, 1):
        add_backup(store, tmp_path, passphrase=WORDS, keep=2, now=NIGHT + timedelta(days=days), log_cost=4)
    assert names(tmp_path) == ["people-20261124T031700Z.backup", "people-20261123T031700Z.backup"]


def test_under_a_clock_that_is_behind_the_oldest_go_first_all_the_same(store: Store, tmp_path: Path) -> None:
    for days in (5, 6, 0, 1):
        add_backup(store, tmp_path, passphrase=WORDS, keep=3, now=NIGHT + timedelta(days=days), log_cost=4)
    assert names(tmp_path) == [f"people-202611{day}T031700Z.backup" for day in (29, 24, 23)]


def test_what_a_killed_backup_left_is_swept_away(store: Store, tmp_path: Path) -> None:
    draft = tmp_path / "people-20261122T031700Z.backup.0123abcd.draft"
    draft.write_bytes(b"half")
    os.utime(draft, (1e9, 1e9))
    add_backup(store, tmp_path, passphrase=WORDS, keep=2, now=NIGHT, log_cost=4)
    assert not draft.exists()


def test_other_files_are_left_alone(store: Store, tmp_path: Path) -> None:
    for name in ("people.backup", "people-2026.backup", "notes.txt"):
        (tmp_path / name).touch()
    add_backup(store, tmp_path, passphrase=WORDS, keep=1, now=NIGHT, log_cost=4)
    assert sorted(file.name for file in tmp_path.iterdir() if file.suffix != ".db") >= [
        "notes.txt",
        "people-2026.backup",
    ]


def test_one_that_fails_takes_no_older_one_with_it(store: Store, tmp_path: Path) -> None:
    add_backup(store, tmp_path, passphrase=WORDS, keep=1, now=NIGHT, log_cost=4)
    with pytest.raises(BackupError):
        add_backup(store, tmp_path, passphrase="", keep=1, now=NIGHT + timedelta(days=1), log_cost=4)
    assert names(tmp_path) == ["people-20261123T031700Z.backup"]


def test_a_folder_that_can_not_be_made_is_named(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackupError, match="file/backups"):
        add_backup(store, tmp_path / "file" / "backups", passphrase=WORDS, keep=1, now=NIGHT, log_cost=4)
