"""What lies beside the people outlives a restore, of their own store's backup and of another one's."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from daemon.audit import AuditTrail, Entry, open_audit
from daemon.beside import FilesBeside
from daemon.errors import AuditError
from daemon.keys import KeyRing, Permission, open_keys
from daemon.signing import Algorithm
from daemon.storage.backup import restore_backup, write_backup
from daemon.storage.store import Store
from tests.daemon.stores import MODEL, open_store, template

PASSPHRASE = "correct horse battery"
LINE = Entry("cli:ada", "create key", "first", "done")


@contextmanager
def terminal(folder: Path) -> Iterator[tuple[Store, AuditTrail, KeyRing]]:
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(folder)))
        trail = stack.enter_context(closing(open_audit(folder, store)))
        yield store, trail, stack.enter_context(closing(open_keys(folder, store)))


def restore(store: Store, file: Path) -> None:
    beside = FilesBeside(store.path.parent).made_under
    restore_backup(store, file, passphrase=PASSPHRASE, model=MODEL, beside=beside)


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A backup of another terminal."""
    with terminal(tmp_path / "foreign") as (store, _, _):
        store.enrol("eve", [template(9)], replace=False)
        write_backup(store, tmp_path / "foreign.backup", passphrase=PASSPHRASE, log_cost=4)
    return tmp_path / "foreign.backup"


def test_the_backup_of_another_terminal_ends_neither_the_trail_nor_the_keys(tmp_path: Path, foreign: Path) -> None:
    with terminal(tmp_path) as (store, trail, keys):
        trail.append(LINE)
        signed = keys.create("signed", [Permission.IDENTIFY], algorithm=Algorithm.HMAC)
        restore(store, foreign)
        restore(store, foreign)
        store.file.rotate()
        trail.append(LINE)
    with terminal(tmp_path) as (store, trail, keys):
        assert [person.person_id for person in store.people()] == ["eve"]
        trail.append(LINE)
        assert trail.verify() == 3
        assert signed.secret is not None
        assert keys.secret(signed.key) == signed.secret.encode()


@pytest.mark.parametrize("of", ["the trail", "a key"])
def test_what_was_left_beside_a_lost_store_goes_on_with_its_backup(tmp_path: Path, foreign: Path, of: str) -> None:
    with terminal(tmp_path) as (store, trail, keys):
        restore(store, foreign)  # from then on the trail's secret is not that of the receipts
        signed = keys.create("signed", [Permission.IDENTIFY], algorithm=Algorithm.HMAC)
        if of == "the trail":
            trail.append(LINE)
        write_backup(store, tmp_path / "own.backup", passphrase=PASSPHRASE, log_cost=4)
    for lost in tmp_path.glob("store.db*"):
        lost.unlink()
    with terminal(tmp_path) as (store, trail, _):
        if of == "the trail":
            with pytest.raises(AuditError, match="of another store"):
                trail.append(LINE)
        restore(store, foreign)
        restore(store, tmp_path / "own.backup")
    with terminal(tmp_path) as (_, trail, keys):
        trail.append(LINE)
        assert trail.verify() == (2 if of == "the trail" else 1)
        assert signed.secret is not None
        assert keys.secret(signed.key) == signed.secret.encode()


def test_a_terminal_with_nothing_beside_takes_a_backup_as_its_own_start(tmp_path: Path, foreign: Path) -> None:
    with terminal(tmp_path) as (store, _, _):
        before = store.subkey("x")
        restore(store, foreign)
        assert store.subkey("x") == before
