"""Nothing in the files is readable, and nothing of an erased person is left in them."""

import math
import sqlite3
import time
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

import pytest

from daemon.enrolment.images import ImageArchive
from daemon.storage.store import Store
from daemon.storage.transform import identity
from tests.daemon.stores import MODEL, open_store, template, vector

NOW = datetime(2026, 5, 1, 12, 30, tzinfo=timezone.utc)


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def sealed_records(folder: Path, table: str, where: str) -> list[bytes]:
    connection = sqlite3.connect(folder / "store.db")
    records = [row[0] for row in connection.execute(f"SELECT record FROM {table} WHERE {where}")]
    connection.close()
    return records


def pieces(record: bytes) -> list[bytes]:
    return [record[start : start + 16] for start in range(0, len(record) - 16, 16)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(tmp_path, transform=identity)
    for seed in range(60):
        store.enrol(f"person-{seed}@example.org", [template(seed, dimension=64)] * (1 + seed % 4), replace=False)
    return store


def test_nothing_is_readable_in_file_or_log(store: Store, tmp_path: Path) -> None:
    store.update("person-3@example.org", groups=["night shift"])
    data = files(tmp_path)
    assert (tmp_path / "store.db-wal").stat().st_size > 0
    for text in (
        b"person-",
        b"example",
        b"night shift",
        MODEL.encode(),
        b"test\x00",
        vector(3, dimension=64).tobytes()[:16],
    ):
        assert text not in data


def test_no_kept_picture_is_readable_in_file_or_log(store: Store, tmp_path: Path) -> None:
    picture = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 50
    archive = ImageArchive(store=store)
    archive.keep(picture, kind="granted", taken=NOW, person_id="person-3@example.org", event_id="0190-event-7")
    archive.keep(picture, kind="denied", taken=NOW, event_id="0190-event-8")
    data = files(tmp_path)
    assert not [text for text in (b"JFIF", picture[20:36], b"0190-event", b"person-3", b"denied") if text in data]


def test_no_byte_of_an_erased_picture_is_left(store: Store, tmp_path: Path) -> None:
    archive = ImageArchive(store=store)
    archive.keep(bytes(30_000), kind="granted", taken=NOW, person_id="person-3@example.org", event_id="e")
    archive.keep(bytes(30_000), kind="denied", taken=NOW, event_id="f")
    gone = sealed_records(tmp_path, "image", "1")
    receipt = store.remove("person-3@example.org")
    assert (receipt.images, receipt.complete) == (1, True)
    assert ImageArchive(store=store, clock=lambda: time.time() + 1e6).expire(days=0.5) == 1
    data = files(tmp_path)
    assert len(gone) == 2
    assert not [piece for record in gone for piece in pieces(record) if piece in data]


def test_records_look_like_noise(store: Store, tmp_path: Path) -> None:
    ImageArchive(store=store).keep(bytes(20_000), kind="denied", taken=NOW, event_id="e")
    tables = ("template", "person", "image")
    data = b"".join(record for table in tables for record in sealed_records(tmp_path, table, "1"))
    shares = [count / len(data) for count in Counter(data).values()]
    assert len(data) > 30_000
    assert -sum(share * math.log2(share) for share in shares) > 7.98


def test_equal_templates_do_not_look_equal(store: Store, tmp_path: Path) -> None:
    records = sealed_records(tmp_path, "template", "1")
    assert len({record[-32:] for record in records}) == len(records)


@pytest.mark.parametrize("change", ["remove", "replace"])
def test_no_byte_of_an_erased_record_is_left(store: Store, tmp_path: Path, change: str) -> None:
    for number in (7, 20, 41):
        person_id = f"person-{number - 1}@example.org"
        gone = sealed_records(tmp_path, "template", f"person = {number}")
        if change == "remove":
            gone += sealed_records(tmp_path, "person", f"person = {number}")
            assert store.remove(person_id).complete
        else:
            store.enrol(person_id, [template(500 + number, dimension=64)], replace=True)
        data = files(tmp_path)
        left = [piece for record in gone for piece in pieces(record) if piece in data]
        assert gone
        assert not left
    assert len(store.people()) == (57 if change == "remove" else 60)


def test_no_byte_is_left_when_everybody_leaves(store: Store, tmp_path: Path) -> None:
    gone = sealed_records(tmp_path, "template", "1") + sealed_records(tmp_path, "person", "1")
    for person in store.people():
        store.remove(person.person_id)
    data = files(tmp_path)
    assert not [piece for record in gone for piece in pieces(record) if piece in data]


def test_a_log_in_use_is_told_and_emptied_by_the_next_removal(store: Store, tmp_path: Path) -> None:
    store.file._database.close()
    store = open_store(tmp_path)
    with store.file._database.exclusive() as connection:
        connection.execute("PRAGMA busy_timeout = 0")
    with store.file.reading():
        assert not store.remove("person-1@example.org").complete
    assert store.remove("person-2@example.org").complete
    assert (tmp_path / "store.db-wal").stat().st_size == 0
