import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from daemon.config.settings import QualityLimits
from daemon.evaluation import charts
from daemon.evaluation.effects import MatedPairs
from daemon.evaluation.errors import EvaluationError
from daemon.evaluation.pairs import Pair
from daemon.evaluation.recognition import (
    RecognitionResult,
    all_against_all,
    identity_spread,
    pair_accuracy,
    recognition_result,
)
from daemon.evaluation.recognition_report import summary, to_html, to_json
from daemon.evaluation.samples import Missed, acquire
from daemon.types import Reason
from daemon.vision.recogniser import Recogniser
from models.geometry import Image
from models.suite import Suite
from tests.helpers.drawn_samples import drawn_acquisition, drawn_pairs, drawn_samples


@pytest.fixture(scope="module")
def result(suite: Suite) -> RecognitionResult:
    acquired = drawn_acquisition(missed=(Missed("p0/9.jpg", None), Missed("p1/9.jpg", Reason.BLURRED)))
    return recognition_result(acquired, pairs=drawn_pairs(), scale=suite.scale, limits=QualityLimits(), model="drawn/1")


def test_each_pair_of_pictures_is_compared_once() -> None:
    everything = all_against_all(drawn_samples(people=4, pictures=3))
    assert everything.scores.size == 12 * 11 / 2
    assert everything.mated.sum() == 4 * 3


def test_everything_is_counted(result: RecognitionResult) -> None:
    assert (result.pictures, result.identities, result.no_face, result.refused) == (182, 60, 1, 1)
    assert result.failure_to_acquire == pytest.approx(2 / 182)
    assert result.mated == 180
    assert result.non_mated == 180 * 179 / 2 - 180
    assert result.area_under_curve > 0.95
    assert [rate.measurable for rate in result.verification] == [True, True, False, False]
    assert {rate.people for rate in result.identification} == {45}  # all but the strangers; 100 are not there
    assert result.spread is not None
    assert result.spread.identities == 60
    assert len(result.suspicious) == 25
    assert result.suspicious[0].score == pytest.approx(float(result.scores.non_mated[-1]))
    assert result.overlooked[0].score == pytest.approx(float(result.scores.mated[0]))


def test_a_pair_with_a_missed_picture_is_no_match() -> None:
    samples = drawn_samples(people=4)
    pairs = (Pair(1, True, "p0/0.jpg", "gone/0.jpg"), Pair(2, True, "p1/0.jpg", "p1/1.jpg"))
    pairs += (Pair(1, False, "p0/0.jpg", "p1/0.jpg"), Pair(2, False, "p2/0.jpg", "p3/0.jpg"))
    accuracy = pair_accuracy(samples, pairs)
    assert accuracy is not None
    assert accuracy.folds[0] == 0.5
    assert pair_accuracy(samples, pairs[:1]) is None


def test_the_spread_over_people_shows_who_bears_the_errors() -> None:
    pairs = MatedPairs(
        references=np.array([0, 0, 0, 1, 1, 1, 2]),
        probes=np.zeros(7, dtype=np.intp),
        missed=np.array([1] * 3 + [0] * 4, bool),
    )
    spread = identity_spread(pairs, ["ann", "bob", "cy"])
    assert spread is not None
    assert (spread.identities, spread.mean, spread.worst, spread.without_error) == (2, 0.5, 1.0, 0.5)
    assert identity_spread(pairs, ["ann", "bob", "cy"], at_least=9) is None


def test_the_json_holds_every_figure_and_no_score_lists(result: RecognitionResult) -> None:
    document = json.loads(json.dumps(to_json(result)))
    assert document["verification"][0]["far"] == 1e-3
    assert document["effects"][0]["criterion"] == "size"
    assert "scores" not in document


def test_the_page_is_whole_and_loads_nothing(result: RecognitionResult, suite: Suite) -> None:
    html = to_html(result, scale=suite.scale)
    for tag, count in (("svg", 3), ("table", 9), ("body", 1), ("h2", 6)):
        assert len(re.findall(f"<{tag}[ >]", html)) == html.count(f"</{tag}>") == count
    assert "<script" not in html
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', html) == []
    assert "p0/0.jpg" not in summary(result)[0]


def test_a_report_without_matplotlib_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Iterator[object]:
        raise ImportError(name)

    monkeypatch.setattr(charts.importlib, "import_module", missing)
    with pytest.raises(EvaluationError, match=r"auther-embedded\[evaluate\]"):
        charts.require_charts()


def test_pictures_become_samples_or_are_missed_with_the_reason(
    recogniser: Recogniser, grace: Image, two_people: Image
) -> None:
    empty = np.full((200, 200, 3), 127, np.uint8)
    pictures = {"g/1": grace, "e/1": empty, "d/1": np.asarray(grace // 8, dtype=np.uint8), "t/1": two_people}

    def read(path: Path) -> Image:
        return pictures[path.as_posix()]

    acquired = acquire(pictures, folder=Path(), recogniser=recogniser, gate=True, read=read)
    assert [sample.name for sample in acquired.samples] == ["g/1", "t/1"]
    assert acquired.missed[0] == Missed("e/1", None)
    assert acquired.missed[1] == Missed("d/1", Reason.TOO_DARK)
    assert acquired.failure_to_acquire == 0.5
    one = acquired.samples[0]
    assert 0.8 < float(one.reference @ one.probe) < 1.0
    assert np.linalg.norm(one.reference) == pytest.approx(1, abs=1e-5)
