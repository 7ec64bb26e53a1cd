from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from daemon.errors import BackupError
from daemon.gallery.keeper import GalleryKeeper
from daemon.storage.backup import restore_backup, verify_backup, write_backup
from daemon.storage.masterkey import GivenKey
from daemon.storage.store import Store
from tests.daemon.stores import MODEL, open_store, template, vector

PASSPHRASE = "correct horse battery"
COST = 4


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(tmp_path)
    for seed in range(40):
        store.enrol(f"p{seed}", [template(seed), template(100 + seed)], replace=False)
    return store


@pytest.fixture
def file(tmp_path: Path, store: Store) -> Path:
    path = tmp_path / "people.backup"
    write_backup(store, path, passphrase=PASSPHRASE, log_cost=COST)
    return path


def other_store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "other", key=GivenKey("another key", b"o" * 32))


def restore(store: Store, file: Path, *, model: str = MODEL, keep_stale: bool = False) -> None:
    restore_backup(store, file, passphrase=PASSPHRASE, model=model, keep_stale=keep_stale)


def test_restores_on_another_device_what_was_there(tmp_path: Path, store: Store) -> None:
    tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
    store.update("p3", groups=["night"], valid_until=tomorrow)
    store.update("p4", active=False)
    path = tmp_path / "people.backup"
    written = write_backup(store, path, passphrase=PASSPHRASE, log_cost=COST)
    other = other_store(tmp_path)
    other.enrol("gone", [template(1)], replace=False)
    restore(other, path)
    assert other.people() == store.people()
    assert (written.people, written.templates, written.damaged) == (40, 80, 0)
    gallery = GalleryKeeper(store=other, model=MODEL).current
    assert gallery.search(vector(5))[0].person_id == "p5"
    assert gallery.scores("p4", vector(4)) == ()
    assert other.person_hash("p1") == store.person_hash("p1")


def test_a_running_gallery_takes_a_restore_up(store: Store, file: Path, tmp_path: Path) -> None:
    keeper = GalleryKeeper(store=store, model=MODEL)
    keeper.remove("p7")
    restore(open_store(tmp_path), file)
    keeper.refresh()
    assert keeper.current.search(vector(7))[0].person_id == "p7"
    assert keeper.current.size == 40


def test_tells_what_is_in_a_backup(file: Path) -> None:
    backup = verify_backup(file, passphrase=PASSPHRASE)
    assert (backup.people, backup.templates, backup.models) == (40, 80, (MODEL,))
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_wrong_passphrase_changes_nothing(store: Store, file: Path) -> None:
    before = store.change_marker()
    with pytest.raises(BackupError, match="wrong passphrase"):
        restore_backup(store, file, passphrase="not the right one", model=MODEL)
    assert store.change_marker() == before


@pytest.mark.parametrize("damage", ["flip first", "flip late", "cut", "cut at a piece", "append", "swap"])
def test_damage_is_noticed_and_nothing_restored(
    tmp_path: Path, store: Store, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daemon.storage.backupfile._PIECE", 1000)
    file = tmp_path / "people.backup"
    write_backup(store, file, passphrase=PASSPHRASE, log_cost=COST)
    data, head, piece = file.read_bytes(), 32, 1016
    damaged = {
        "flip first": data[:40] + bytes([data[40] ^ 1]) + data[41:],
        "flip late": data[:-40] + bytes([data[-40] ^ 1]) + data[-39:],
        "cut": data[:-5],
        "cut at a piece": data[: head + 3 * piece],
        "append": data + b"more",
        "swap": data[:head]
        + data[head + piece : head + 2 * piece]
        + data[head : head + piece]
        + data[head + 2 * piece :],
    }[damage]
    assert damaged != data
    file.write_bytes(damaged)
    other = other_store(tmp_path)
    other.enrol("here", [template(1)], replace=False)
    with pytest.raises(BackupError, match=r"people\.backup"):
        restore(other, file)
    assert [person.person_id for person in other.people()] == ["here"]


@pytest.mark.parametrize("content", [b"", b"AUTHERB1", b"something else altogether, and long enough"])
def test_refuses_another_kind_of_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other"
    file.write_bytes(content)
    with pytest.raises(BackupError, match="not a backup"):
        verify_backup(file, passphrase=PASSPHRASE)


def test_refuses_another_model_unless_asked_to_keep_it(tmp_path: Path, file: Path) -> None:
    other = other_store(tmp_path)
    with pytest.raises(BackupError, match=f"holds templates of {MODEL}, and this terminal runs newnet/2"):
        restore(other, file, model="newnet/2")
    assert other.people() == ()
    restore(other, file, model="newnet/2", keep_stale=True)
    assert len(other.stale("newnet/2")) == 40


def test_a_failed_backup_leaves_the_former_one(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("daemon.storage.backupfile.os.fsync", full)
    with pytest.raises(BackupError, match="No space left"):
        write_backup(store, file, passphrase=PASSPHRASE, log_cost=COST)
    assert file.read_bytes() == before
    assert not list(file.parent.glob("*.draft"))


def test_asks_for_a_real_passphrase(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="at least 10 characters"):
        write_backup(store, tmp_path / "b", passphrase="short")
    assert not (tmp_path / "b").exists()


def test_a_missing_file_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"absent\.backup"):
        restore(store, tmp_path / "absent.backup")


def test_nothing_in_a_backup_is_readable(file: Path) -> None:
    data = file.read_bytes()
    assert MODEL.encode() not in data
    assert b"p1" * 2 not in data
    assert b'"format"' not in data
