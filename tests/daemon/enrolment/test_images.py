import sqlite3
from datetime import datetime, timezone
from pathlib import Path

import cv2
import numpy as np
import pytest

from daemon.enrolment.face_jpeg import face_jpeg
from daemon.enrolment.images import ImageArchive
from daemon.errors import PersonNotFound, StoreError
from daemon.storage.backup import restore_backup, write_backup
from daemon.storage.store import Store
from models.geometry import Box
from tests.daemon.stores import MODEL, open_store, template

NOW = datetime(2026, 5, 1, 12, 30, 15, 250_000, timezone.utc)
JPEG = bytes(range(256)) * 40
PASSPHRASE = "correct horse battery"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(tmp_path)
    for seed, name in enumerate(("ann", "bob")):
        store.enrol(name, [template(seed)], replace=False)
    return store


@pytest.fixture
def archive(store: Store) -> ImageArchive:
    return ImageArchive(store=store)


def change(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "store.db")
    with connection:
        connection.execute(statement)
    connection.close()


def test_a_picture_comes_back_with_what_it_belongs_to(archive: ImageArchive) -> None:
    archive.keep(JPEG, kind="enrolment", taken=NOW, person_id="ann")
    archive.keep(JPEG[:10], kind="denied", taken=NOW, event_id="0190-x")
    first, second = archive.all()
    assert (first.kind, first.person_id, first.event_id, first.taken, first.jpeg) == ("enrolment", "ann", "", NOW, JPEG)
    assert (second.kind, second.person_id, second.event_id, second.jpeg) == ("denied", None, "0190-x", JPEG[:10])
    assert archive.get(second.number) == second


def test_nobody_s_picture_needs_no_person_but_a_person_s_does(archive: ImageArchive) -> None:
    with pytest.raises(PersonNotFound):
        archive.keep(JPEG, kind="granted", taken=NOW, person_id="eve", event_id="e")
    assert list(archive.all()) == []


def test_erasing_a_person_erases_and_counts_their_pictures(archive: ImageArchive, store: Store) -> None:
    archive.keep(JPEG, kind="enrolment", taken=NOW, person_id="ann")
    archive.keep(JPEG, kind="granted", taken=NOW, person_id="ann", event_id="e")
    archive.keep(JPEG, kind="enrolment", taken=NOW, person_id="bob")
    assert store.remove("ann").images == 2
    assert [one.person_id for one in archive.all()] == ["bob"]
    assert store.remove("bob").images == 1


def test_replacing_a_person_erases_the_pictures_of_the_former_enrolment(archive: ImageArchive, store: Store) -> None:
    archive.keep(JPEG, kind="enrolment", taken=NOW, person_id="ann")
    archive.keep(JPEG, kind="granted", taken=NOW, person_id="ann", event_id="e")
    store.enrol("ann", [template(9)], replace=True)
    assert [one.kind for one in archive.all()] == ["granted"]


class Clock:
    def __init__(self) -> None:
        self.now = NOW.timestamp()

    def pass_days(self, archive: ImageArchive, days: int) -> int:
        """As a running terminal has it; gives how many pictures went meanwhile."""
        gone = 0
        for _ in range(days):
            self.now += 86_400.0
            gone += archive.expire(days=30)
        return gone

    def __call__(self) -> float:
        return self.now


def test_pictures_go_when_their_time_is_over(store: Store) -> None:
    clock = Clock()
    archive = ImageArchive(store=store, clock=clock)
    for days in (9, 2, 29, 0):
        archive.keep(JPEG, kind="denied", taken=NOW, event_id=str(days))
        assert archive.expire(days=30) == 0
        clock.pass_days(archive, days)
    assert [one.event_id for one in archive.all()] == ["29", "0"]
    before = store.change_marker()
    assert archive.expire(days=30) == 0
    assert store.change_marker() == before


@pytest.mark.parametrize("years", [10, -10])
def test_a_picture_taken_under_a_wrong_clock_goes_in_its_time(store: Store, years: int) -> None:
    clock = Clock()
    archive = ImageArchive(store=store, clock=clock)
    archive.keep(JPEG, kind="denied", taken=NOW, event_id="before")
    clock.now += years * 365 * 86_400.0
    assert archive.expire(days=30) == 0
    wrong = datetime.fromtimestamp(clock.now, timezone.utc)
    archive.keep(JPEG, kind="denied", taken=wrong, event_id="meanwhile")
    clock.now -= years * 365 * 86_400.0
    assert clock.pass_days(archive, 28) == 0
    assert clock.pass_days(archive, 4) == 2


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE image SET hour = hour + 1 WHERE image = 1",
        "UPDATE image SET kind = 1 WHERE image = 1",
        "UPDATE image SET person = 2 WHERE image = 1",
        "UPDATE image SET person = NULL WHERE image = 1",
        "UPDATE image SET record = (SELECT record FROM image WHERE image = 2) WHERE image = 1",
        "UPDATE image SET record = substr(record, 1, 100) WHERE image = 1",
    ],
)
def test_a_picture_that_was_moved_or_altered_is_not_shown(archive: ImageArchive, tmp_path: Path, forgery: str) -> None:
    archive.keep(JPEG, kind="enrolment", taken=NOW, person_id="ann")
    archive.keep(JPEG, kind="enrolment", taken=NOW, person_id="bob")
    change(tmp_path, forgery)
    assert [one.number for one in archive.all()] == [2]
    with pytest.raises(StoreError, match="picture 1: not kept"):
        archive.get(1)


def test_pictures_outlive_a_new_key(archive: ImageArchive, store: Store) -> None:
    archive.keep(JPEG, kind="enrolment", taken=NOW, person_id="ann")
    archive.keep(JPEG, kind="denied", taken=NOW, event_id="e")
    before = list(archive.all())
    store.file.rotate()
    assert list(archive.all()) == before


def test_a_damaged_picture_hinders_no_new_key(archive: ImageArchive, store: Store, tmp_path: Path) -> None:
    archive.keep(JPEG, kind="enrolment", taken=NOW, person_id="ann")
    archive.keep(JPEG, kind="enrolment", taken=NOW, person_id="bob")
    change(tmp_path, "UPDATE image SET record = zeroblob(60) WHERE image = 1")
    store.file.rotate()
    assert [one.person_id for one in archive.all()] == ["bob"]


def test_a_backup_holds_no_pictures(archive: ImageArchive, store: Store, tmp_path: Path) -> None:
    archive.keep(JPEG, kind="enrolment", taken=NOW, person_id="ann")
    path = tmp_path / "backup"
    write_backup(store, path, passphrase=PASSPHRASE, log_cost=4)
    restore_backup(store, path, passphrase=PASSPHRASE, model=MODEL)
    assert list(archive.all()) == []


def test_the_face_is_cut_out_and_shrunk() -> None:
    image = np.zeros((1000, 2000, 3), np.uint8)
    decoded = cv2.imdecode(np.frombuffer(face_jpeg(image, Box(100, 100, 500, 500)), np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert max(decoded.shape[:2]) == 480


@pytest.mark.parametrize("box", [Box(-50, -50, 100, 100), Box(90, 40, 100, 100), Box(500, 500, 10, 10)])
def test_a_face_at_the_edge_is_cut_off_there(box: Box) -> None:
    assert face_jpeg(np.zeros((60, 100, 3), np.uint8), box).startswith(b"\xff\xd8")
