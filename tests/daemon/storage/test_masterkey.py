import base64
import os
from pathlib import Path

import pytest

from daemon.errors import StoreError, WrongKeyError
from daemon.storage.masterkey import GivenKey, KeyFile, find_key
from daemon.storage.store import Store
from daemon.storage.storefile import StoreFile
from daemon.storage.vault import Vault
from tests.daemon.stores import MODEL, open_store, template

KEY = bytes(range(32))


def test_a_new_key_file_is_private_and_stays(tmp_path: Path) -> None:
    source = KeyFile(tmp_path / "keys" / "master.key")
    key = source.create()
    assert len(key) == 32
    assert source.path.stat().st_mode & 0o777 == 0o600
    assert source.create() == key
    assert source.load() == (key,)
    assert os.listdir(source.path.parent) == ["master.key"]


def test_a_key_file_open_to_others_is_refused(tmp_path: Path) -> None:
    source = KeyFile(tmp_path / "master.key")
    source.create()
    source.path.chmod(0o640)
    with pytest.raises(StoreError, match="chmod 600"):
        source.load()


@pytest.mark.parametrize("content", [b"", b"short", b"z" * 64, b"A" * 63])
def test_half_a_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(StoreError, match="64 hexadecimal digits or Base64"):
        KeyFile(path).load()


def test_sources_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    environ = {"AUTHER_MASTER_KEY": KEY.hex(), "CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert find_key(key_file=file, environ={}) == KeyFile(file)
    assert find_key(key_file=file, environ=environ).load() == (KEY,)
    (tmp_path / "auther-master-key").write_bytes(b"c" * 32)
    assert find_key(key_file=file, environ=environ).load() == (b"c" * 32,)
    (tmp_path / "auther-master-key-next").write_text(base64.b64encode(KEY).decode() + "\n")
    assert find_key(key_file=file, environ=environ).load() == (b"c" * 32, KEY)


def test_a_key_is_never_shown(tmp_path: Path) -> None:
    assert KEY.hex() not in repr(find_key(key_file=tmp_path, environ={"AUTHER_MASTER_KEY": KEY.hex()}))
    assert repr(KEY) not in repr(GivenKey("x", KEY))


def test_a_wrong_key_is_named_and_touches_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.enrol("ann", [template(1)], replace=False)
    store.close()
    before = (tmp_path / "store.db").read_bytes()
    with pytest.raises(WrongKeyError, match=r"store\.db: the master key from the other place"):
        open_store(tmp_path, key=GivenKey("the other place", b"x" * 32))
    assert (tmp_path / "store.db").read_bytes() == before
    assert len(open_store(tmp_path).people()) == 1


def test_a_lost_key_file_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    key = KeyFile(tmp_path / "master.key")
    Store(path=tmp_path / "store.db", vault=Vault(source=key)).close()
    key.path.unlink()
    with pytest.raises(StoreError, match=r"master\.key: .*put the file back"):
        Store(path=tmp_path / "store.db", vault=Vault(source=key))
    assert not key.path.exists()


def with_file(tmp_path: Path) -> Store:
    return Store(path=tmp_path / "store.db", vault=Vault(source=KeyFile(tmp_path / "master.key")))


def test_rotation_replaces_both_keys_and_keeps_everybody(tmp_path: Path) -> None:
    store, running = with_file(tmp_path), with_file(tmp_path)
    for seed in range(3):
        store.enrol(f"p{seed}", [template(seed)], replace=False)
    store.update("p1", active=False)
    before, people = store.templates(MODEL), store.people()
    old_key = (tmp_path / "master.key").read_text()
    old_file = (tmp_path / "store.db").read_bytes()
    store.file.rotate()
    assert (tmp_path / "master.key").read_text() != old_key
    for opened in (store, running, with_file(tmp_path)):
        assert opened.people() == people
        assert opened.templates(MODEL)[0] == before[0]
        assert (opened.templates(MODEL)[1] == before[1]).all()
    assert (tmp_path / "store.db").read_bytes() != old_file
    assert not (tmp_path / "master.key.next").exists()


@pytest.mark.parametrize("moment", ["after the next key is written", "after the store is committed"])
def test_a_rotation_killed_half_way_leaves_a_key_that_opens(
    tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    store = with_file(tmp_path)
    store.enrol("ann", [template(1)], replace=False)
    with monkeypatch.context() as patch:
        if moment == "after the next key is written":
            patch.setattr("daemon.storage.storefile._reseal", kill)
        else:
            patch.setattr(StoreFile, "_settle", kill)
        with pytest.raises(Killed):
            store.file.rotate()
    store.close()
    assert (tmp_path / "master.key.next").exists()
    again = with_file(tmp_path)
    assert (tmp_path / "master.key.next").exists() == (moment == "after the next key is written")
    assert [person.person_id for person in again.people()] == ["ann"]
    again.file.rotate()
    assert not (tmp_path / "master.key.next").exists()
    assert [person.person_id for person in with_file(tmp_path).people()] == ["ann"]


def test_a_given_key_rotates_with_the_next_one_beside_it(tmp_path: Path) -> None:
    old, new = GivenKey("given", b"o" * 32), GivenKey("given", b"n" * 32)
    both = GivenKey("given", old.key, new.key)
    open_store(tmp_path, key=old).close()
    open_store(tmp_path, key=both).file.rotate()
    open_store(tmp_path, key=both)
    open_store(tmp_path, key=new)
    with pytest.raises(WrongKeyError):
        open_store(tmp_path, key=old)
