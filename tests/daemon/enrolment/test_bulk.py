"""Many people at once: refused ones stop nobody, and a killed run is gone on with."""

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from daemon.enrolment.bulk_report import RefusalReport
from daemon.enrolment.portrait_table import portraits_of_table
from daemon.enrolment.portraits import Portraits
from daemon.errors import AlreadyEnrolled, PersonIdError, PictureError, StoreError
from daemon.storage.store import Store
from tests.daemon.bulk_driver import StubEnroller, run
from tests.daemon.stores import open_store, template

PEOPLE = 8
ROOT = Path(__file__).parents[3]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "people"
    folder.mkdir()
    for number in range(PEOPLE):
        picture(folder / f"p{number}.png")
    picture(folder / "bad.png")
    return folder


def picture(path: Path) -> None:
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(path)


def rows(folder: Path) -> list[list[str]]:
    with (folder.parent / "report.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def in_a_child_that_is_killed(store: Store, folder: Path, *, kill_at: int, after_commit: bool) -> None:
    arguments = [str(store.path.parent), str(folder), str(kill_at), str(int(after_commit))]
    child = subprocess.run([sys.executable, "-m", "tests.daemon.bulk_driver", *arguments], cwd=ROOT, check=False)
    assert child.returncode == -signal.SIGKILL


def test_one_who_is_refused_stops_nobody_else(store: Store, folder: Path) -> None:
    outcomes = run(store, folder, StubEnroller(store))
    assert [outcome.person_id for outcome in outcomes if outcome.error is not None] == ["bad"]
    assert len(store.people()) == PEOPLE
    assert not list(store.path.parent.glob("*.progress"))


def test_every_refused_picture_stands_in_the_report(store: Store, folder: Path) -> None:
    run(store, folder, StubEnroller(store))
    head, *others = rows(folder)
    assert head == ["person_id", "enrolled", "picture", "code", "reason"]
    assert others[0] == ["bad", "no", str(folder / "bad.png"), "F_005", "blurred"]
    assert others[1] == ["bad", "no", "other", "F_001", "no face"]
    assert others[2] == ["p0", "yes", "p0/second.png", "F_003", "'=too small"]
    assert (folder.parent / "report.csv").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("after_commit", [False, True], ids=["before the store commits", "after it has"])
@pytest.mark.parametrize("kill_at", [2, 5, PEOPLE])
def test_a_killed_run_is_gone_on_with(store: Store, folder: Path, kill_at: int, after_commit: bool) -> None:
    in_a_child_that_is_killed(store, folder, kill_at=kill_at, after_commit=after_commit)
    enroller = StubEnroller(store)
    outcomes = run(store, folder, enroller)
    assert sum(outcome.skipped for outcome in outcomes) == kill_at - 1
    assert len(enroller.calls) == PEOPLE + 1 - (kill_at - 1)
    assert [outcome for outcome in outcomes if outcome.error is not None and outcome.person_id != "bad"] == []
    assert sorted(person.person_id for person in store.people()) == [f"p{number}" for number in range(PEOPLE)]
    assert all(person.templates == 1 for person in store.people())
    reported = [row[0] for row in rows(folder)[1:]]
    assert sorted(reported) == sorted(["bad", "bad", *(f"p{number}" for number in range(PEOPLE))])


def test_even_when_killed_again_and_again(store: Store, folder: Path) -> None:
    for _ in range(3):
        in_a_child_that_is_killed(store, folder, kill_at=2, after_commit=True)
    run(store, folder, StubEnroller(store))
    assert len(store.people()) == PEOPLE


def test_the_progress_names_nobody(store: Store, folder: Path) -> None:
    in_a_child_that_is_killed(store, folder, kill_at=5, after_commit=False)
    (file,) = store.path.parent.glob("*.progress")
    assert "p1" not in file.read_text().replace("\n", " ").split()
    assert file.stat().st_mode & 0o777 == 0o600


def test_who_was_enrolled_before_is_not_replaced_unless_asked(store: Store, folder: Path) -> None:
    store.enrol("p3", [template(1), template(2)], replace=False)
    (error,) = [one.error for one in run(store, folder, StubEnroller(store)) if one.person_id == "p3"]
    assert isinstance(error, AlreadyEnrolled)
    assert store.person("p3").templates == 2
    run(store, folder, StubEnroller(store), replace=True)
    assert store.person("p3").templates == 1


def test_new_pictures_of_a_refused_person_are_tried_on_going_on(store: Store, folder: Path) -> None:
    in_a_child_that_is_killed(store, folder, kill_at=3, after_commit=False)
    picture(folder / "bad.png")
    os.utime(folder / "bad.png", (1, 1))
    enroller = StubEnroller(store)
    run(store, folder, enroller)
    assert enroller.calls[0] == "bad"


def test_a_line_cut_short_counts_for_nothing(store: Store, folder: Path) -> None:
    in_a_child_that_is_killed(store, folder, kill_at=4, after_commit=False)
    (file,) = store.path.parent.glob("*.progress")
    file.write_bytes(file.read_bytes().rstrip(b"\n")[:-20])
    run(store, folder, StubEnroller(store))
    assert len(store.people()) == PEOPLE


def test_a_full_disk_ends_the_run(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("daemon.enrolment.bulk_progress.os.fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        run(store, folder, StubEnroller(store))


def test_a_wrong_id_and_an_unreadable_picture_are_their_own_fault(store: Store, folder: Path) -> None:
    picture(folder / "two words.png")
    (folder / "torn.png").write_bytes(b"\x89PNG")
    errors = {one.person_id: one.error for one in run(store, folder, StubEnroller(store)) if one.error is not None}
    assert isinstance(errors["two words"], PersonIdError)
    assert isinstance(errors["torn"], PictureError)
    assert {row[0]: row[3] for row in rows(folder)[1:] if row[0] in errors} == {
        "bad": "F_001",
        "two words": "R_006",
        "torn": "R_004",
    }


def test_a_file_name_that_is_not_utf_8_stops_nobody_else(store: Store, folder: Path) -> None:
    picture(folder / "zoe.png")
    (folder / "zoe.png").rename(folder / os.fsdecode(b"M\xfcller.png"))
    picture(folder / "zoe.png")
    run(store, folder, StubEnroller(store))
    assert "zoe" in {person.person_id for person in store.people()}
    assert ["M\\udcfcller", "no", "", "R_006"] in [row[:4] for row in rows(folder)]


def test_a_report_that_can_t_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"absent/report\.csv: the report can't be written"):
        RefusalReport(path=tmp_path / "absent" / "report.csv", again=False)


def test_a_table_names_people_and_files(tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("file,person_id,floor\na.png,ann,3\nbob/1.png, bob ,2\na2.png,ann,3\n", encoding="utf-8-sig")
    assert portraits_of_table(table) == (
        Portraits("ann", (tmp_path / "a.png", tmp_path / "a2.png")),
        Portraits("bob", (tmp_path / "bob" / "1.png",)),
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: no column person_id or file"),
        (b"person_id\nann\n", "line 1: no column file"),
        (b"person_id,file\nann,a.png\n,b.png\n", "line 3: expected a person_id and a file"),
        (b"person_id,file\nann\n", "line 2: expected a person_id and a file"),
        (b"person_id,file\n", "nobody in it"),
        (b"person_id,file\n\xff\xfe,x\n", "not a CSV file in UTF-8"),
        # Python 3.10's reader refuses it itself.
        (b"person_id,file\nann,a.png\nbob,b\0.png\n", "(line 3: file: expected|not a CSV file in UTF-8: line) .*NUL"),
    ],
)
def test_a_table_that_is_wrong_is_named_with_its_line(tmp_path: Path, content: bytes, message: str) -> None:
    table = tmp_path / "people.csv"
    table.write_bytes(content)
    with pytest.raises(PictureError, match=rf"people\.csv: {message}"):
        portraits_of_table(table)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"absent\.csv: can't be read"):
        portraits_of_table(tmp_path / "absent.csv")
