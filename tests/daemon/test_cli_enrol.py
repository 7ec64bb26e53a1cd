"""Enrolment from pictures, from the camera and from a folder."""

import json
import os
import shutil
from pathlib import Path

import cv2
import pytest

from models.geometry import Image
from tests.daemon.terminal import Terminal, grey, still


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_unreadable_and_foreign_pictures_are_left_out(terminal: Terminal, grace_file: Path, tmp_path: Path) -> None:
    nobody = grey(tmp_path / "nobody.png")
    result = terminal("enroll", "grace", "--image", str(grace_file), str(nobody), str(terminal.config))
    assert result.exit_code == 0
    assert result.stdout == "grace: enrolled with 1 template(s)\n"
    assert "left out: R_004: " in result.stderr
    assert "left out: F_001: " in result.stderr


def test_replace(terminal: Terminal, grace_file: Path) -> None:
    first = terminal.answer("enroll", "grace", "--image", str(grace_file))
    second = terminal.answer("enroll", "grace", "--image", str(grace_file), "--replace")
    assert second["created"] == first["created"]
    assert second["updated"] >= first["updated"]


def test_camera_waits_for_three_clear_frames(tmp_path: Path, grace_file: Path) -> None:
    film = still(tmp_path / "film", grey(tmp_path / "nobody.png", size=(512, 600)), frames=3)
    terminal = Terminal(tmp_path, camera=still(film, grace_file, frames=50))
    result = terminal("enroll", "grace", "--camera")
    assert result.exit_code == 0, result.output
    assert result.stdout == "grace: enrolled with 3 template(s)\n"
    lines = [line for line in result.stderr.splitlines() if not line.startswith("INFO")]
    assert lines[0] == "step in front of the camera"
    assert [line.split(";")[0] for line in lines[1:]] == [f"clear picture {n} of 3" for n in (1, 2, 3)]


def test_camera_starts_again_with_another_face(tmp_path: Path, grace_file: Path, astronaut: Image) -> None:
    close = cv2.resize(astronaut[:300, 80:380], (512, 600))
    cv2.imwrite(str(tmp_path / "close.png"), close)
    film = still(tmp_path / "film", tmp_path / "close.png", frames=25)
    # The other face is looked at 0.7 s after the last clear picture, and three of it are 1.4 s apart.
    terminal = Terminal(tmp_path, camera=still(film, grace_file, frames=120))
    result = terminal("enroll", "grace", "--camera")
    assert result.exit_code == 0, result.output
    assert "that is another face; starting again with it" in result.stderr
    assert terminal.answer("identify", str(grace_file))["person_id"] == "grace"


def test_camera_gives_up_and_says_why(tmp_path: Path) -> None:
    film = still(tmp_path / "film", grey(tmp_path / "nobody.png"), frames=70)
    terminal = Terminal(tmp_path, camera=film)
    late = terminal("enroll", "grace", "--camera", "--timeout", "2")
    assert late.exit_code == 5
    assert "F_001: 2 s are over with 0 of 3 clear pictures; last: step in front of the camera" in late.stderr
    over = terminal("enroll", "grace", "--camera")
    assert over.exit_code == 5
    assert "the recording ended with 0 of 3 clear pictures" in over.stderr


@pytest.fixture
def people(tmp_path: Path, grace_file: Path) -> Path:
    """One person twice, one with a wrong ID, one without a picture, one of whom there is only rubbish."""
    folder = tmp_path / "people"
    (folder / "grace").mkdir(parents=True)
    (folder / "nobody").mkdir()
    shutil.copy(grace_file, folder / "grace" / "one.jpg")
    grey(folder / "grace" / "two.png")
    shutil.copy(grace_file, folder / "hopper.JPG")
    shutil.copy(grace_file, folder / "bad id.jpg")
    (folder / "rubbish.png").write_text("rubbish")
    (folder / "readme.txt").write_text("passed over")
    (folder / ".hidden.jpg").write_text("passed over")
    return folder


def test_folder_goes_on_after_a_refusal(terminal: Terminal, people: Path) -> None:
    result = terminal("enroll", "--folder", str(people))
    assert result.exit_code == 5
    assert result.stdout == "grace: enrolled with 1 template(s)\n"
    assert "two.png: no face found" in result.stderr
    assert "bad id: not enrolled: person_id: expected" in result.stderr
    assert "hopper: not enrolled: F_009: " in result.stderr
    assert "nobody: not enrolled: there is no picture" in result.stderr
    assert "rubbish: not enrolled: " in result.stderr
    assert "auther: 4 of 5 people were not enrolled" in result.stderr


def test_folder_as_json(terminal: Terminal, people: Path) -> None:
    lines = [json.loads(line) for line in terminal("enroll", "--folder", str(people), "--json").stdout.splitlines()]
    assert [line["person_id"] for line in lines if "error" not in line] == ["grace"]
    assert {line.get("code") for line in lines if "error" in line} == {None, "F_009"}


def test_folder_as_json_with_a_file_name_that_is_not_utf_8(
    terminal: Terminal, grace_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "people"
    (folder / "grace").mkdir(parents=True)
    (folder / os.fsdecode(b"M\xfcller.jpg")).write_text("rubbish")
    (folder / "grace" / os.fsdecode(b"\xfc.jpg")).write_text("rubbish")
    shutil.copy(grace_file, folder / "grace" / "é.jpg")
    result = terminal("enroll", "--folder", str(folder), "--json")
    refused, enrolled = sorted(map(json.loads, result.stdout.splitlines()), key=lambda line: "error" not in line)
    assert refused["person_id"] == os.fsdecode(b"M\xfcller")
    assert enrolled["refused"][0]["name"] == str(folder / "grace" / os.fsdecode(b"\xfc.jpg"))


def test_folder_replaces_who_is_enrolled_and_adds_who_is_not(
    terminal: Terminal, grace_file: Path, astronaut_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(grace_file, folder / "grace.jpg")
    assert terminal("enroll", "--folder", str(folder)).exit_code == 0
    assert "is enrolled" in terminal("enroll", "--folder", str(folder)).stderr
    assert terminal("enroll", "--folder", str(folder), "--replace").exit_code == 0


def test_folder_without_people(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "nobody in it" in terminal("enroll", "--folder", str(tmp_path / "empty")).stderr
    assert "can't be read" in terminal("enroll", "--folder", str(tmp_path / "absent")).stderr
