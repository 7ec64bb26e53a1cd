"""The commands that look after the people on disk, called as a person would."""

import csv
import json
from collections.abc import Sequence
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from daemon.cli import main
from daemon.enrolment.images import ImageArchive
from daemon.gallery.keeper import GalleryKeeper
from daemon.storage.backup import write_backup
from daemon.storage.backup_folder import add_backup
from daemon.storage.masterkey import KeyFile
from daemon.storage.store import FILE_NAME, Store
from daemon.storage.vault import Vault
from models.manifest import load_manifest
from tests.daemon.stores import template, vector

PASSPHRASE = "correct horse battery"
MODEL = load_manifest().embedder.label
KEYS = ("AUTHER_MASTER_KEY", "AUTHER_MASTER_KEY_NEXT", "CREDENTIALS_DIRECTORY")


@pytest.fixture(autouse=True)
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("daemon.cli.backup.write_backup", partial(write_backup, log_cost=4))
    monkeypatch.setattr("daemon.cli.backup.add_backup", partial(add_backup, log_cost=4))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    store = opened(folder)
    for seed, name in enumerate(("ann", "bob")):
        store.enrol(name, [template(seed, model=MODEL)], replace=False)
    store.enrol("old", [template(9, model="former/1")], replace=False)
    store.close()
    return folder


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text(f"{PASSPHRASE}\nanother line\n", encoding="utf-8")
    return file


def opened(folder: Path) -> Store:
    return Store(path=folder / FILE_NAME, vault=Vault(source=KeyFile(folder / "master.key")))


def call(
    folder: Path,
    *arguments: object,
    keys: Sequence[tuple[str, str]] = (),
    typed: str | None = None,
    more: str = "",
) -> Result:
    config = folder.parent / f"{folder.name}.toml"
    config.write_text(f"[storage]\nfolder = {json.dumps(str(folder))}\n{more}", encoding="utf-8")
    return CliRunner().invoke(main, ["--config", str(config), *map(str, arguments)], env=dict(keys), input=typed)


def names(folder: Path) -> list[str]:
    store = opened(folder)
    found = [person.person_id for person in store.people()]
    store.close()
    return found


def test_a_backup_is_written_checked_and_restored(folder: Path, passphrase: Path, tmp_path: Path) -> None:
    file = tmp_path / "people.backup"
    written = call(folder, "backup", file, "--passphrase-file", passphrase)
    assert (written.exit_code, written.output) == (0, written.stdout)
    assert f"{file}: written: 3 people with 3 template(s) of" in written.stdout
    checked = call(folder, "backup", file, "--check", "--passphrase-file", passphrase, "--json")
    assert json.loads(checked.stdout)["people"] == 3
    other = tmp_path / "other"
    restored = call(other, "restore", file, "--passphrase-file", passphrase, "--keep-stale")
    assert restored.exit_code == 0, restored.output
    assert names(other) == ["ann", "bob", "old"]


def test_backups_into_a_folder_take_the_passphrase_from_a_credential(folder: Path, tmp_path: Path) -> None:
    credentials = (("CREDENTIALS_DIRECTORY", str(tmp_path)),)
    into = ("backup", "--into", tmp_path / "nightly", "--keep", "1")
    refused = call(folder, *into, keys=credentials)
    assert refused.exit_code == 8
    assert "/etc/credstore/auther-backup-passphrase" in refused.output
    (tmp_path / "auther-backup-passphrase").write_text(f"{PASSPHRASE}\n")
    assert "3 people" in call(folder, *into, keys=credentials).output
    (file,) = (tmp_path / "nightly").iterdir()
    assert "whole" in call(folder, "backup", file, "--check", keys=credentials).output


@pytest.mark.parametrize("words", [(), ("file", "--into", "folder"), ("--into", "folder", "--check")])
def test_a_backup_needs_one_place_to_go(folder: Path, passphrase: Path, words: tuple[str, ...]) -> None:
    assert call(folder, "backup", *words, "--passphrase-file", passphrase).exit_code == 2


def test_a_backup_of_another_network_is_refused_unless_asked(folder: Path, passphrase: Path, tmp_path: Path) -> None:
    file = tmp_path / "people.backup"
    call(folder, "backup", file, "--passphrase-file", passphrase)
    refused = call(folder, "restore", file, "--passphrase-file", passphrase)
    assert refused.exit_code == 8
    assert "former/1" in refused.stderr
    assert "--keep-stale" in refused.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "first line is empty"), (b"\nx\n", "first line is empty"), (b"short\n", "at least 10 characters")],
)
def test_a_passphrase_file_that_holds_none_is_named(folder: Path, tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "passphrase"
    file.write_bytes(content)
    result = call(folder, "backup", tmp_path / "b", "--passphrase-file", file)
    assert (result.exit_code, result.stdout) == (8, "")
    assert message in result.stderr
    assert not (tmp_path / "b").exists()


def test_a_missing_passphrase_file_is_named(folder: Path, tmp_path: Path) -> None:
    result = call(folder, "backup", tmp_path / "b", "--passphrase-file", tmp_path / "absent")
    assert result.exit_code == 8
    assert "absent: the passphrase can't be read" in result.stderr


def test_nobody_at_the_keyboard_is_told_of_the_file(folder: Path, tmp_path: Path) -> None:
    result = call(folder, "backup", tmp_path / "b", typed=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert result.exit_code == 8
    assert "--passphrase-file" in result.stderr


def test_a_new_passphrase_is_asked_for_twice(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def prompt(_text: str, *, confirmation_prompt: bool, **_: object) -> str:
        asked.append(confirmation_prompt)
        return PASSPHRASE

    monkeypatch.setattr("daemon.cli.passphrase.somebody_there", lambda: True)
    monkeypatch.setattr("daemon.cli.passphrase.click.prompt", prompt)
    assert call(folder, "backup", tmp_path / "b").exit_code == 0
    assert call(folder, "restore", tmp_path / "b", "--keep-stale").exit_code == 0
    assert asked == [True, False]


def test_people_are_exported_without_templates(folder: Path, tmp_path: Path) -> None:
    shown = call(folder, "export-people")
    rows = list(csv.DictReader(shown.stdout.splitlines()))
    assert [row["person_id"] for row in rows] == ["ann", "bob", "old"]
    file = tmp_path / "people.csv"
    written = call(folder, "export-people", file)
    assert (written.exit_code, written.stdout) == (0, "")
    assert file.read_bytes() == shown.stdout_bytes
    assert file.stat().st_mode & 0o777 == 0o600


def test_who_has_to_be_enrolled_again_is_listed(folder: Path) -> None:
    shown = call(folder, "people", "--stale", "--json")
    assert [person["person_id"] for person in json.loads(shown.stdout)] == ["old"]
    assert "enrol again" in call(folder, "people", "--stale").stdout
    assert call(folder, "remove", "old").exit_code == 0
    assert call(folder, "people", "--stale").stdout.startswith("nobody:")


def test_the_store_gets_new_keys_while_it_is_open(folder: Path) -> None:
    running = opened(folder)
    before = (folder / "master.key").read_bytes()
    result = call(folder, "keys", "rotate-store")
    assert result.exit_code == 0, result.output
    assert (folder / "master.key").read_bytes() != before
    assert [person.person_id for person in running.people()] == ["ann", "bob", "old"]
    running.close()
    assert len(names(folder)) == 3


def test_a_given_key_is_replaced_by_the_next_one_only(tmp_path: Path) -> None:
    folder = tmp_path / "given"
    old, new = ("AUTHER_MASTER_KEY", "01" * 32), ("AUTHER_MASTER_KEY_NEXT", "02" * 32)
    assert call(folder, "people", keys=[old]).exit_code == 0
    alone = call(folder, "keys", "rotate-store", "--json", keys=[old])
    assert json.loads(alone.stdout)["master_key_replaced"] is False
    assert "AUTHER_MASTER_KEY_NEXT" in call(folder, "keys", "rotate-store", keys=[old]).stderr
    both = call(folder, "keys", "rotate-store", "--json", keys=[old, new])
    assert json.loads(both.stdout)["master_key_replaced"] is True
    assert call(folder, "people", keys=[("AUTHER_MASTER_KEY", new[1])]).exit_code == 0
    assert call(folder, "people", keys=[old]).exit_code == 3


def test_templates_turn_into_a_new_space_while_the_store_is_open(folder: Path) -> None:
    running = opened(folder)
    keeper = GalleryKeeper(store=running, model=MODEL)
    before = running.listing(MODEL)[2]
    result = call(folder, "keys", "renew-transform", "--json")
    assert json.loads(result.stdout) == {"templates": 3}
    assert running.listing(MODEL)[2] != before
    keeper.refresh()
    assert keeper.current.search(vector(1))[0].person_id == "bob"
    running.close()


def test_a_site_s_space_is_not_renewed_by_one_terminal(folder: Path) -> None:
    result = call(folder, "keys", "renew-transform", more="[sharing]\nenabled = true\n[mqtt]\nenabled = true\n")
    assert result.exit_code == 2, result.output
    assert "site key" in result.stderr


def test_kept_pictures_are_listed_saved_and_erased(folder: Path, tmp_path: Path) -> None:
    store = opened(folder)
    taken = datetime(2026, 5, 1, 8, 15, tzinfo=timezone.utc)
    archive = ImageArchive(store=store)
    number = archive.keep(b"jpeg", kind="granted", taken=taken, person_id="ann", event_id="e")
    archive.keep(b"other", kind="denied", taken=taken, event_id="f")
    store.close()
    assert call(folder, "images", "list").stdout.splitlines()[0] == "1  2026-05-01 08:15:00 UTC  granted  ann"
    (one,) = json.loads(call(folder, "images", "list", "--person", "ann", "--json").stdout)
    assert (one["number"], one["event_id"], one["bytes"]) == (number, "e", 4)
    file = tmp_path / "ann.jpg"
    assert call(folder, "images", "save", number, file).exit_code == 0
    assert file.read_bytes() == b"jpeg"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "1 template(s) and 1 picture(s) erased" in call(folder, "remove", "ann").stdout
    assert call(folder, "images", "save", number, file).exit_code == 3
