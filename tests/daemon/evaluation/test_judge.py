import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from daemon.config.settings import Liveness, Policy
from daemon.evaluation.judge import NO_FACE, Instruments, judge
from daemon.evaluation.judged import Gauge, Judgement, Sighting, liveness_result
from daemon.evaluation.labels import LabelledPresentation, read_labels
from daemon.evaluation.liveness_report import summary, to_html, to_json
from daemon.evaluation.presentation import Rate
from daemon.evaluation.reference import NAME, load_reference
from daemon.vision.recogniser import Recogniser

GAUGES = {"network": Gauge(0.5), "moire": Gauge(0.05, live_above=False)}


@pytest.fixture(scope="module")
def instruments(recogniser: Recogniser) -> Instruments:
    return Instruments(recogniser=recogniser, policy=Policy(), liveness=Liveness(), others={})


def judged(name: str, attack: str | None, *networks: float, accepted: bool) -> Judgement:
    sightings = tuple(Sighting(i / 10, {"network": score, "moire": 1 - score}) for i, score in enumerate(networks))
    return Judgement(name, attack, True, accepted, "x", {"network": "unknown"}, sightings, len(networks))


def test_cues_are_added_up_over_frames_and_over_presentations() -> None:
    result = liveness_result(
        [
            judged("one", None, 0.9, 0.4, accepted=True),
            judged("two", None, 0.96, 0.97, accepted=False),
            judged("film", "screen", 0.1, 0.6, accepted=False),
        ],
        level="standard",
        model="drawn/1",
        gauges=GAUGES,
    )
    assert result.errors.bpcer == Rate(1, 2)
    assert result.errors.apcer == {"screen": Rate(0, 1)}
    network, moire = result.cues
    assert network.frame_errors.bpcer == Rate(1, 4)
    assert network.frame_errors.apcer == {"screen": Rate(1, 2)}
    assert network.presentation_errors.bpcer == Rate(0, 2)
    assert network.frame_auc == pytest.approx(7 / 8)
    assert network.presentation_auc == 1.0
    assert moire.frame_auc == pytest.approx(7 / 8)
    assert moire.presentation_errors.bpcer == Rate(1, 2)


def test_a_cue_without_scores_or_without_attacks_has_no_curve() -> None:
    row = liveness_result(
        [judged("one", None, 0.9, accepted=True)], level="strict", model="m", gauges={"network": Gauge(0.5)}
    ).cues[0]
    assert row.frame_auc is None
    blank = liveness_result([judged("one", None, accepted=True)], level="strict", model="m", gauges=GAUGES).cues[0]
    assert blank.frame_errors.bpcer == Rate(0, 0)


def test_reports_tell_the_intervals_and_what_they_are_worth() -> None:
    result = liveness_result(
        [judged("a", None, 0.9, 0.8, accepted=True), judged("b", "print", 0.1, accepted=False)],
        level="standard",
        model="drawn/1",
        gauges=GAUGES,
    )
    assert "  APCER print 0.00% (0 of 1, 95 %: 0.0% to 97.5%)" in summary(result)
    assert "no certification" in summary(result)[-1]
    assert json.loads(json.dumps(to_json(result)))["errors"]["rates"]["BPCER"]["trials"] == 1
    assert to_html(result, gauges=GAUGES).count("<svg") == 2


def test_a_still_without_a_face_is_not_accepted(instruments: Instruments, tmp_path: Path) -> None:
    file = tmp_path / "wall.png"
    cv2.imwrite(str(file), np.full((300, 300, 3), 127, np.uint8))
    verdict = judge(LabelledPresentation("wall", None, (file,)), instruments=instruments)
    assert (verdict.accepted, verdict.reason, verdict.sightings) == (False, NO_FACE, ())


def test_a_still_is_judged_by_the_cues_that_need_no_motion(instruments: Instruments, grace_file: Path) -> None:
    verdict = judge(LabelledPresentation("grace", "print", (grace_file,)), instruments=instruments)
    (sighting,) = verdict.sightings
    assert set(sighting.scores) >= {"network", "moire"}
    assert "planarity" not in sighting.scores
    assert verdict.states["planarity"] == "unknown"


@pytest.mark.needs_data
@pytest.mark.parametrize(
    ("name", "accepted", "reason"),
    [("live_01", True, "granted"), ("screen_01", False, "spoof"), ("print_01", False, "liveness")],
)
def test_recorded_presentations(name: str, accepted: bool, reason: str, instruments: Instruments, data: Path) -> None:
    rows = {row.name: row for row in read_labels(data / "pad_dev" / "labels.csv", only="full/*")}
    verdict = judge(rows[name], instruments=instruments)
    assert (verdict.accepted, verdict.reason) == (accepted, reason)


@pytest.mark.needs_data
def test_the_reference_scores_the_same_frames(recogniser: Recogniser, data: Path) -> None:
    reference = {NAME: load_reference(data / "models")}
    both = Instruments(recogniser=recogniser, policy=Policy(), liveness=Liveness(), others=reference)
    rows = read_labels(data / "pad_dev" / "labels.csv", only="full/*.jpg")
    means = {row.name: judge(row, instruments=both).mean(NAME) for row in rows}
    assert (means["live_02"] or 0) > 0.5 > (means["print_01"] or 0)
