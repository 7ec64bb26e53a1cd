"""Backups that are made at the console."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path

import pytest

from daemon.console.backups import MOST, BackupFolder
from daemon.errors import BackupError
from daemon.storage.backup import write_backup
from daemon.storage.store import Store
from tests.daemon.stores import open_store

PASSPHRASE = "ten or more of it"
NOW = datetime(2026, 9, 4, 16, 5, 8, tzinfo=timezone.utc)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path)) as store:
        yield store


def folder(path: Path, store: Store, clock: Callable[[], datetime]) -> BackupFolder:
    return BackupFolder(folder=path / "backups", store=store, clock=clock, log_cost=2)


def at_once(kept: BackupFolder, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What comes of two that are made at a time: names, and why not."""
    both = threading.Barrier(2)

    def write_beside_the_other(*arguments: object, **options: object) -> object:
        with suppress(threading.BrokenBarrierError):
            both.wait(0.5)
        return write_backup(*arguments, **options)  # type: ignore[arg-type]

    def make(_: int) -> str:
        try:
            return kept.make(PASSPHRASE).name
        except BackupError as error:
            return str(error)

    monkeypatch.setattr("daemon.console.backups.write_backup", write_beside_the_other)
    with ThreadPoolExecutor(2) as threads:
        return sorted(threads.map(make, range(2)))


def test_two_of_one_second_do_not_replace_each_other(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert at_once(folder(tmp_path, store, lambda: NOW), monkeypatch) == [
        "a backup was made this very second; try again",
        "people-20260904T160508Z.backup",
    ]


def test_there_is_an_end_of_backups_also_for_two_at_once(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = count()
    kept = folder(tmp_path, store, lambda: NOW + timedelta(seconds=next(seconds)))
    for _ in range(MOST - 1):
        kept.make(PASSPHRASE)
    made = at_once(kept, monkeypatch)
    assert made[0].startswith(f"{MOST} backups are kept already")
    assert len(kept.all()) == MOST
