from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from daemon.config.settings import Settings, parse
from daemon.evaluation.camera import Glimpse, Watched, watch
from daemon.evaluation.camera_report import report_on, summary, to_json
from daemon.vision.recogniser import Recogniser
from hw.replay import Replay
from models.geometry import Image
from models.quality import Quality
from tests.helpers.qualities import GOOD


def watched(*tracks: list[Quality], fps: float = 10.0) -> Watched:
    glimpses = [
        Glimpse(at=index / fps, track_id=track, quality=quality, contrast=40.0)
        for track, qualities in enumerate(tracks)
        for index, quality in enumerate(qualities)
    ]
    frames = max(len(qualities) for qualities in tracks)
    return Watched(frames, (frames - 1) / fps, (640, 480), (100.0,) * frames, (9.0,) * frames, tuple(glimpses))


def test_people_who_pass_every_criterion_need_no_change() -> None:
    report = report_on(watched([GOOD] * 20, [GOOD] * 10), settings=Settings())
    assert (report.presentations, report.refused) == (2, 0.0)
    assert report.frames_per_second == pytest.approx(10)
    assert report.proposals == ()
    assert summary(report)[-1] == "the settings fit this place"


def test_the_light_on_the_faces_is_told() -> None:
    report = report_on(watched([replace(GOOD, brightness=28.0)] * 20), settings=Settings())
    assert any(line.startswith("light: the faces are at 28 of 255") for line in summary(report))


def test_who_only_walks_past_is_no_presentation() -> None:
    report = report_on(watched([GOOD] * 3), settings=Settings())
    assert report.presentations == 0
    assert report.refused is None
    assert "nobody stayed" in summary(report)[-1]


def test_a_criterion_that_refuses_people_is_named_and_eased_to_what_the_place_offers() -> None:
    far = replace(GOOD, size_px=100.0)
    report = report_on(watched([far] * 20, [GOOD] * 20), settings=Settings())
    assert report.refused == 0.5
    assert report.reasons == {"too_small": 20}
    (proposal,) = report.proposals
    assert (proposal.section, proposal.key, proposal.value) == ("quality", "min_size_px", 100.0)
    toml = "\n".join(line for line in summary(report)[-3:])
    assert "[quality]" in toml
    assert "min_size_px = 100" in toml


def test_a_limit_is_never_eased_beyond_what_is_safe() -> None:
    tiny = replace(GOOD, size_px=40.0)
    (proposal,) = report_on(watched([tiny] * 20), settings=Settings()).proposals
    assert proposal.value is None
    assert "leave it" in summary(report_on(watched([tiny] * 20), settings=Settings()))[-1]


def test_clear_frames_must_follow_on_each_other() -> None:
    flickering = [GOOD, GOOD, replace(GOOD, brightness=1.0)] * 7
    report = report_on(watched(flickering), settings=Settings())
    assert report.refused == 1.0
    assert next(share for share in report.criteria if share.criterion == "dark").frames_refused == pytest.approx(1 / 3)


def test_a_slow_camera_is_told() -> None:
    report = report_on(watched([GOOD] * 20, fps=4), settings=Settings())
    assert [proposal.section for proposal in report.proposals] == ["camera"]


def test_proposals_are_settings_that_load() -> None:
    turned = replace(GOOD, yaw_deg=-41.4, eye_opening=0.095)
    proposals = report_on(watched([turned] * 20), settings=Settings()).proposals
    read = parse({"quality": {p.key: p.value for p in proposals if p.value is not None}}, source="proposed")
    assert read.quality.max_yaw_deg == 41


def test_a_replayed_approach_is_measured(recogniser: Recogniser, grace: Image, tmp_path: Path) -> None:
    for index in range(8):
        size = 260 + 20 * index
        picture = cv2.resize(grace, (size, round(size * 600 / 512)), interpolation=cv2.INTER_AREA)
        frame = cv2.copyMakeBorder(picture, 0, 600 - picture.shape[0], 0, 512 - size, cv2.BORDER_REPLICATE)
        cv2.imwrite(str(tmp_path / f"{index}.png"), frame)
    camera = Replay(path=tmp_path, realtime=False, fps=10)
    seen = watch(camera, recogniser=recogniser, seconds=60)
    camera.close()
    assert (seen.frames, seen.size) == (8, (512, 600))
    assert seen.seconds == pytest.approx(0.7, abs=0.3)
    sizes = [glimpse.quality.size_px for glimpse in seen.glimpses]
    assert len(sizes) == 8
    assert sizes == sorted(sizes)
    assert report_on(seen, settings=Settings()).presentations == 1
    assert set(to_json(report_on(seen, settings=Settings()))) >= {"criteria", "proposals", "frames_per_second"}


def test_watching_ends_with_the_time_and_survives_an_empty_scene(recogniser: Recogniser, tmp_path: Path) -> None:
    wall = cv2.merge([cv2.UMat(120, 160, cv2.CV_8U, 127).get()] * 3)
    cv2.imwrite(str(tmp_path / "wall.png"), wall)
    camera = Replay(path=tmp_path, realtime=False, loop=True, fps=10)
    seen = watch(camera, recogniser=recogniser, seconds=1)
    camera.close()
    assert seen.frames >= 2
    assert seen.glimpses == ()
    assert report_on(seen, settings=Settings()).processing_ms is None
