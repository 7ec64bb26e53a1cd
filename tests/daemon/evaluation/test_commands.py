import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from daemon.cli import main
from models.geometry import Image
from tests.helpers import variants


@pytest.fixture
def people(tmp_path: Path, grace: Image, astronaut: Image) -> Path:
    """Two people in three pictures each, and pairs of them in two folds."""
    for name, image in (("grace", grace), ("eileen", astronaut)):
        (tmp_path / name).mkdir()
        for index, picture in enumerate((image, variants.mirrored(image), variants.scaled(image, 0.7))):
            cv2.imwrite(str(tmp_path / name / f"{index}.png"), picture)
    rows = ["fold,same,a,b"]
    for fold, (one, other) in enumerate(((0, 1), (1, 2)), start=1):
        rows += [f"{fold},1,{name}/{one}.png,{name}/{other}.png" for name in ("grace", "eileen")]
        rows += [f"{fold},0,grace/{one}.png,eileen/{other}.png", f"{fold},0,grace/{other}.png,eileen/{one}.png"]
    (tmp_path / "pairs.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_recognition_prints_json_alone_and_writes_a_page(people: Path) -> None:
    done = CliRunner().invoke(
        main,
        [
            *("evaluate", "recognition", "--pairs", str(people / "pairs.csv"), "--images", str(people)),
            *("--json", "--report", str(people / "report")),
        ],
    )
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["accuracy"]["mean"] == 1.0
    assert (document["pictures"], document["mated"], document["non_mated"]) == (6, 6, 9)
    assert (people / "report" / "recognition.html").read_text().startswith("<!doctype html>")
    assert json.loads((people / "report" / "recognition.json").read_text())["accuracy"] == document["accuracy"]


def test_liveness_prints_every_presentation(tmp_path: Path, grace_file: Path) -> None:
    (tmp_path / "grace.jpg").write_bytes(grace_file.read_bytes())
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((200, 200, 3), 90, np.uint8))
    (tmp_path / "labels.csv").write_text(
        "file,label,attack,presentation\ngrace.jpg,spoof,print,grace\nwall.png,live,,wall\n"
    )
    done = CliRunner().invoke(main, ["evaluate", "liveness", "--labels", str(tmp_path / "labels.csv")])
    assert done.exit_code == 0, done.output
    assert "wall: refused (no_face), bona fide" in done.stdout
    assert "BPCER 100.00% (1 of 1" in done.stdout


def test_a_wrong_list_is_one_message_and_a_status(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["evaluate", "liveness", "--labels", str(tmp_path / "none.csv")])
    assert done.exit_code == 5
    assert done.stderr.splitlines()[-1].startswith("auther: ")


def test_the_camera_is_calibrated_from_a_replay(tmp_path: Path, grace: Image) -> None:
    footage = tmp_path / "footage"
    footage.mkdir()
    for index in range(8):
        cv2.imwrite(str(footage / f"{index}.png"), variants.scaled(grace, 0.4))
    config = tmp_path / "auther.toml"
    config.write_text(f'[camera]\nbackend = "replay"\npath = "{footage}"\nrealtime = false\nfps = 10.0\n')
    done = CliRunner().invoke(main, ["calibrate", "camera", "--config", str(config), "--seconds", "5", "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert (document["presentations"], document["refused"]) == (1, 1.0)
    assert document["proposals"][0]["key"] == "min_size_px"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["auther.toml", "footage"]
