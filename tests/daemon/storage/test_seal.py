"""A rotation of the master key never loses what is sealed beside the store."""

import os
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from daemon.config.settings import Storage
from daemon.errors import WrongKeyError
from daemon.rules import credentials as rules_credentials
from daemon.rules.credentials import Card, CredentialBook
from daemon.storage import masterkey, storefile
from daemon.storage.masterkey import GivenKey, KeyFile
from daemon.storage.seal import FILE_NAME, SealFile
from daemon.storage.store import Store, open_store
from daemon.storage.storefile import StoreFile
from daemon.storage.vault import Vault
from tests.daemon.stores import template

CARD = Card(facility=12, number=34567)


def opened(folder: Path) -> Store:
    return open_store(Storage(folder=folder), environ={})


def book(folder: Path, key: masterkey.KeySource | None = None) -> CredentialBook:
    seal = SealFile(folder / FILE_NAME).open(key or KeyFile(folder / "master.key"))
    return CredentialBook(path=folder / "credentials", seal=seal)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with closing(opened(tmp_path)) as store:
        store.enrol("ada", [template(1)], replace=False)
    book(tmp_path).set_card("ada", CARD)
    return tmp_path


def rotate(folder: Path) -> None:
    with closing(opened(folder)) as store:
        store.file.rotate()


def test_a_rotation_keeps_cards_and_leaves_the_old_key_nothing(folder: Path) -> None:
    old = GivenKey("the old key", KeyFile(folder / "master.key").load()[0])
    rotate(folder)
    assert book(folder).card("ada") == CARD
    with pytest.raises(WrongKeyError):
        book(folder, old)


MOMENTS: list[tuple[Any, str, bool, int]] = [
    (masterkey.KeyFile, "stage", False, 1),
    (masterkey.KeyFile, "stage", True, 1),
    (SealFile, "cover", False, 1),
    (SealFile, "cover", True, 1),
    (SealFile, "cover", False, 2),
    (SealFile, "cover", True, 2),
    (rules_credentials, "write_whole", False, 1),
    (storefile, "_reseal", False, 1),
    (storefile, "_reseal", True, 1),
    (StoreFile, "_settle", False, 1),
    (StoreFile, "_settle", True, 1),
    (masterkey.KeyFile, "settle", False, 1),
    (masterkey.KeyFile, "settle", True, 1),
    (masterkey.KeyFile, "settle", False, 2),
    (masterkey.KeyFile, "settle", True, 2),
    (os, "fsync", False, 1),
    (os, "fsync", False, 2),
    (os, "fsync", False, 3),
    (os, "fsync", False, 4),
    (os, "fsync", False, 5),
    (os, "fsync", False, 6),
    (os, "fsync", False, 7),
    (os, "replace", False, 1),
    (os, "replace", True, 1),
]


def killing(call: Callable[..., Any], *, after: bool, count: int) -> Callable[..., Any]:
    """The call, in which this process kills itself the `count`th time."""
    calls = 0

    def killed(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == count and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = call(*arguments, **named)
        if calls == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return killed


@pytest.mark.parametrize(("where", "name", "after", "count"), MOMENTS)
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_rotation_killed_at_any_step_keeps_cards(
    folder: Path, where: Any, name: str, after: bool, count: int
) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            setattr(where, name, killing(getattr(where, name), after=after, count=count))
            rotate(folder)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    assert book(folder).card("ada") == CARD
    with closing(opened(folder)) as store:
        assert store.person("ada").templates == 1
    assert book(folder).card("ada") == CARD
    between = KeyFile(folder / "master.key").load()
    rotate(folder)
    assert book(folder).card("ada") == CARD
    assert len(KeyFile(folder / "master.key").load()) == 1
    assert (folder / FILE_NAME).stat().st_size == 60
    with pytest.raises(WrongKeyError):
        book(folder, GivenKey("a key of before", between[0]))


def test_given_keys_both_open_until_only_the_new_one_is_given(tmp_path: Path) -> None:
    old, new = GivenKey("given", b"o" * 32), GivenKey("given", b"n" * 32)
    both = GivenKey("given", old.key, new.key)
    book(tmp_path, old).set_card("ada", CARD)
    Store(path=tmp_path / "people.db", vault=Vault(source=old)).close()
    with closing(
        Store(path=tmp_path / "people.db", vault=Vault(source=both, beside=SealFile(tmp_path / FILE_NAME)))
    ) as store:
        store.file.rotate()
    assert book(tmp_path, old).card("ada") == CARD
    assert book(tmp_path, both).card("ada") == CARD
    assert book(tmp_path, new).card("ada") == CARD
    with pytest.raises(WrongKeyError):
        book(tmp_path, old)


def test_a_seal_that_no_key_opens_refuses_the_rotation(folder: Path) -> None:
    (folder / FILE_NAME).write_bytes(bytes(60))
    key = (folder / "master.key").read_bytes()
    with pytest.raises(WrongKeyError, match=FILE_NAME):
        rotate(folder)
    assert (folder / "master.key").read_bytes() == key
    with closing(opened(folder)) as store:
        assert store.person("ada").templates == 1
