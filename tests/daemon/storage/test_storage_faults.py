"""What is wrong with a file, a disk or a record is named, and what is not wrong with it goes on working."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from daemon.errors import StoreError
from daemon.gallery.keeper import GalleryKeeper
from daemon.storage.schema import STEPS
from daemon.storage.store import Store
from daemon.storage.transform import identity
from tests.daemon import stores
from tests.daemon.stores import MODEL, template, vector


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original")
    store = open_store(folder)
    for seed in range(10):
        store.enrol(f"p{seed}", [template(seed, dimension=512)], replace=False)
    store.close()
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    """Holds a closed store with ten people."""
    shutil.copy(original / "store.db", tmp_path)
    return tmp_path


def open_store(folder: Path) -> Store:
    return stores.open_store(folder, transform=identity)


def edit(folder: Path, statement: str, values: tuple[object, ...] = ()) -> None:
    connection = sqlite3.connect(folder / "store.db")
    connection.execute(statement, values)
    connection.commit()
    connection.close()


def refused(folder: Path, message: str) -> None:
    before = (folder / "store.db").read_bytes()
    with pytest.raises(StoreError, match=message) as caught:
        open_store(folder).people()
    assert "store.db" in str(caught.value)
    assert (folder / "store.db").read_bytes() == before


def test_an_empty_file_is_not_taken_for_a_new_store(folder: Path) -> None:
    (folder / "store.db").write_bytes(b"")
    refused(folder, "not a store, or its beginning is damaged; .* Restore a backup")


def test_a_damaged_beginning_is_named(folder: Path) -> None:
    with (folder / "store.db").open("r+b") as file:
        file.write(b"\xff" * 100)
    refused(folder, "not a store, or its beginning is damaged")


def test_another_program_s_database_is_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "store.db")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    refused(tmp_path, "a database of another program")


def test_a_newer_release_s_file_is_left_alone(folder: Path) -> None:
    edit(folder, "PRAGMA user_version = 99")
    refused(folder, rf"newer release .schema 99, this one knows up to {len(STEPS)}.")


def test_a_store_without_its_key_record_is_refused(folder: Path) -> None:
    edit(folder, "DELETE FROM keyring")
    refused(folder, "holds no key")


def test_a_damaged_template_is_left_out_named_and_kept(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    edit(folder, "UPDATE template SET record = zeroblob(length(record)) WHERE template = 4")
    store = open_store(folder)
    keeper = GalleryKeeper(store=store, model=MODEL)
    assert keeper.current.size == 9
    assert [(damage.template, damage.person) for damage in keeper.damaged] == [(4, 4)]
    assert "template 4" in caplog.text
    assert store.person("p3").templates == 1
    keeper.enrol("p3", [template(3, dimension=512)], replace=True)
    assert keeper.current.search(vector(3, dimension=512))[0].person_id == "p3"
    assert keeper.damaged == ()


def test_a_damaged_template_that_another_process_removed_is_counted_no_more(folder: Path) -> None:
    edit(folder, "UPDATE template SET record = zeroblob(length(record)) WHERE template IN (4, 5)")
    keeper = GalleryKeeper(store=open_store(folder), model=MODEL)
    open_store(folder).remove("p3")
    keeper.refresh()
    assert [damage.template for damage in keeper.damaged] == [5]
    keeper.remove("p4")
    assert keeper.damaged == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE template SET record = (SELECT record FROM template WHERE template = 5) WHERE template = 4",
        "UPDATE template SET person = 5 WHERE template = 4",
        "UPDATE template SET template = 44 WHERE template = 4",
    ],
    ids=["a record copied over", "a record given to another person", "a record renumbered"],
)
def test_records_can_not_be_exchanged(folder: Path, statement: str) -> None:
    edit(folder, statement)
    keeper = GalleryKeeper(store=open_store(folder), model=MODEL)
    assert len(keeper.damaged) == 1
    assert keeper.current.search(vector(3, dimension=512))[0].score < 0.5


def test_nobody_can_resume_a_suspended_person_in_the_file(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = open_store(folder)
    store.update("p3", active=False)
    store.close()
    edit(folder, "UPDATE person SET active = 1")
    store = open_store(folder)
    assert GalleryKeeper(store=store, model=MODEL).current.scores("p3", vector(3, dimension=512)) == ()
    assert "p3" not in [person.person_id for person in store.people()]
    assert "record 4 of table person" in caplog.text


def test_a_damaged_person_is_named_and_can_be_removed(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    edit(folder, "UPDATE person SET record = zeroblob(length(record)) WHERE person = 4")
    store = open_store(folder)
    assert len(store.people()) == 9
    assert "record 4 of table person" in caplog.text
    for use in (store.person, lambda name: store.update(name, groups=["x"])):
        with pytest.raises(StoreError, match=r"store\.db: the record of person p3 is damaged; remove and enrol"):
            use("p3")
    with pytest.raises(StoreError, match="a record is damaged"):
        store.file.rotate()
    assert store.remove("p3").templates == 1
    store.enrol("p3", [template(3, dimension=512)], replace=False)
    store.file.rotate()


def test_a_damaged_page_costs_only_the_people_on_it(folder: Path) -> None:
    store = open_store(folder)
    (number,) = _pages_of(folder, "template")[1:2]
    store.close()
    with (folder / "store.db").open("r+b") as file:
        file.seek((number - 1) * 8192)
        file.write(b"\xa5" * 8192)
    store = open_store(folder)
    keeper = GalleryKeeper(store=store, model=MODEL)
    assert 0 < len(keeper.damaged) < 6
    assert keeper.current.size == 10 - len(keeper.damaged)
    gone = {damage.template for damage in keeper.damaged}
    for seed in set(range(10)) - {number - 1 for number in gone}:
        assert keeper.current.search(vector(seed, dimension=512))[0].person_id == f"p{seed}"


def _pages_of(folder: Path, table: str) -> list[int]:
    # The children of the table's root, read by hand: dbstat isn't compiled in everywhere.
    (root,) = (
        sqlite3.connect(folder / "store.db")
        .execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,))
        .fetchone()
    )
    data = (folder / "store.db").read_bytes()
    page = data[(root - 1) * 8192 : root * 8192]
    assert page[0] == 5
    count = int.from_bytes(page[3:5], "big")
    cells = [int.from_bytes(page[12 + 2 * index :][:2], "big") for index in range(count)]
    return [int.from_bytes(page[cell : cell + 4], "big") for cell in cells]


LIMITED = """
import resource, sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from daemon.errors import StoreError
from daemon.storage.transform import identity
from tests.daemon.stores import open_store, template
store = open_store(Path(sys.argv[1]), transform=identity)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    for seed in range(100, 200):
        store.enrol(f"p{seed}", [template(seed, dimension=512)], replace=False)
        print(f"p{seed}", flush=True)
except StoreError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.enrol("after", [template(1, dimension=512)], replace=False)
print("after")
"""


def test_a_disk_that_takes_no_more_is_named_and_loses_nothing(folder: Path) -> None:
    limit = str(200_000)
    run = subprocess.run(
        [sys.executable, "-c", LIMITED, str(folder), limit], capture_output=True, text=True, check=True, cwd=os.getcwd()
    )
    *acknowledged, message, after = run.stdout.splitlines()
    assert acknowledged
    assert "store.db: the disk can't be read or written (full or failing?); nothing was stored" in message
    names = {person.person_id for person in open_store(folder).people()}
    assert names == {*acknowledged, after, *(f"p{seed}" for seed in range(10))}


def test_a_full_disk_is_named(folder: Path) -> None:
    store = open_store(folder)
    with store.file._database.exclusive() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match="the disk is full; nothing was stored"):
        store.enrol("more", [template(seed, dimension=512) for seed in range(9)], replace=False)
    assert len(store.people()) == 10


def test_a_read_only_folder_still_matches(folder: Path) -> None:
    with _as_nobody(folder) as own:
        (own / "store.db").chmod(0o400)
        own.chmod(0o500)
        try:
            with closing(open_store(own)) as store:
                _matches_and_refuses(store)
        finally:
            own.chmod(0o700)


@contextmanager
def _as_nobody(folder: Path) -> Iterator[Path]:
    """The folder, as somebody whom its mode binds: root writes where it may not, so root becomes nobody for a while."""
    if os.geteuid() != 0:
        yield folder
        return
    with TemporaryDirectory() as place:
        # The test's own folder lies below one that only root may enter.
        own = Path(shutil.copytree(folder, Path(place) / "own"))
        for path in (Path(place), own, *own.iterdir()):
            os.chown(path, 65534, 65534)
        # The real one too: SQLite asks access(2), which goes by it. The saved one is the way back.
        os.setresuid(65534, 65534, 0)
        try:
            yield own
        finally:
            os.setresuid(0, 0, 0)


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts")
def test_a_read_only_file_system_still_matches(folder: Path) -> None:
    mount = ["mount", "--bind", "-o", "ro", str(folder), str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("may not mount here")
    try:
        with closing(open_store(folder)) as store:
            _matches_and_refuses(store)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts")
def test_a_disk_that_is_full_at_the_start_still_matches_and_is_written_once_there_is_room(folder: Path) -> None:
    with _small_disk(folder) as disk:
        filler = disk / "filler"
        _fill(filler)
        with closing(open_store(disk)) as store:
            _matches_and_refuses(store)
            filler.unlink()
            with closing(open_store(disk)) as other:
                other.remove("p3")
            assert GalleryKeeper(store=store, model=MODEL).current.size == 9
            assert store.writable
            store.remove("p4")


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own with the store in it."""
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("may not mount here")
    try:
        shutil.copy(folder / "store.db", disk)
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def _fill(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


def _matches_and_refuses(store: Store) -> None:
    assert not store.writable
    assert GalleryKeeper(store=store, model=MODEL).current.search(vector(3, dimension=512))[0].person_id == "p3"
    for change in (lambda: store.enrol("new", [template(1)], replace=False), lambda: store.remove("p3")):
        with pytest.raises(StoreError, match=r"store\.db: can't be written: .*read-only"):
            change()
    assert len(store.people()) == 10
