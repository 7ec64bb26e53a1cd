import math
import statistics
import warnings
from collections.abc import Iterator

import numpy as np
import pytest

from models.detector import LEFT_EYE, RIGHT_EYE, BlazeFaceDetector, Detector, Face
from models.geometry import Box, Image
from models.manifest import INSTALLED_WEIGHTS, load_manifest, read_weights
from models.suite import Suite
from tests.helpers import variants


@pytest.fixture(scope="module")
def detector(suite: Suite) -> Detector:
    return suite.detector


@pytest.fixture(scope="module")
def oracle() -> Iterator[Detector]:
    with warnings.catch_warnings():
        # MediaPipe's own dependencies use what Python is about to drop.
        warnings.simplefilter("ignore", DeprecationWarning)
        from models.mediapipe_detector import MediaPipeDetector  # noqa: PLC0415 - imported only where it is tested

    detector = MediaPipeDetector(content=read_weights(INSTALLED_WEIGHTS, load_manifest().detector))
    yield detector
    detector.close()


def test_a_face_is_where_it_is(detector: Detector, grace: Image) -> None:
    (face,) = detector.detect(grace)
    assert face.score > 0.9
    assert face.box.iou(Box(171, 147, 194, 194)) > 0.9
    right, left, nose, mouth = face.keypoints[[RIGHT_EYE, LEFT_EYE, 2, 3]]
    assert face.box.left < right[0] < nose[0] < left[0] < face.box.left + face.box.width
    assert max(right[1], left[1]) < nose[1] < mouth[1] < face.box.top + face.box.height


@pytest.mark.parametrize(("right", "down"), [(100, 0), (-80, 60), (0, -100)])
def test_the_box_moves_with_the_face(detector: Detector, grace: Image, right: float, down: float) -> None:
    (still,) = detector.detect(grace)
    (face,) = detector.detect(variants.moved(grace, right, down))
    shifted = Box(still.box.left + right, still.box.top + down, still.box.width, still.box.height)
    assert face.box.iou(shifted) > 0.8


@pytest.mark.parametrize("shape", [(600, 1200), (1200, 600)])
def test_a_frame_of_any_aspect_is_searched_undistorted(
    detector: Detector, grace: Image, shape: tuple[int, int]
) -> None:
    frame = np.zeros((*shape, 3), np.uint8)
    frame[:600, : grace.shape[1]] = grace
    (face,) = detector.detect(frame)
    assert face.box.iou(detector.detect(grace)[0].box) > 0.85


def test_two_faces_are_two_largest_first(detector: Detector, two_people: Image) -> None:
    large, small = detector.detect(two_people)
    assert large.box.area > small.box.area
    assert large.box.iou(small.box) == 0


class Answering:
    """A network that answers what a test wants."""

    def __init__(self, *anchors: tuple[int, float, tuple[float, float]]) -> None:
        self.spec = load_manifest().detector
        self._anchors = anchors

    def run(self, _: Image) -> tuple[np.ndarray, np.ndarray]:
        regressors = np.zeros((1, 896, 16), np.float32)
        logits = np.full((1, 896, 1), -10, np.float32)
        for index, logit, size in self._anchors:
            logits[0, index] = logit
            regressors[0, index, 2:4] = size
        return regressors, logits


def answer(*anchors: tuple[int, float, tuple[float, float]]) -> tuple[Face, ...]:
    network: object = Answering(*anchors)
    return BlazeFaceDetector(network=network).detect(np.zeros((128, 128, 3), np.uint8))  # type: ignore[arg-type]


def test_an_anchor_is_the_centre_of_its_cell() -> None:
    (face,) = answer((0, 2.0, (20, 10)))
    assert face.box.centre == pytest.approx((4, 4))
    assert (face.box.width, face.box.height) == pytest.approx((20, 10))
    (face,) = answer((895, 2.0, (20, 10)))
    assert face.box.centre == pytest.approx((120, 120))


def test_overlapping_answers_are_weighed_into_one() -> None:
    (face,) = answer((0, 3.0, (20, 20)), (1, 1.0, (30, 30)))
    weights = [1 / (1 + math.exp(-logit)) for logit in (3.0, 1.0)]
    assert face.score == pytest.approx(weights[0])
    assert face.box.width == pytest.approx((20 * weights[0] + 30 * weights[1]) / sum(weights), rel=1e-4)


def test_half_a_chance_is_enough_and_less_is_not() -> None:
    assert len(answer((0, 0.01, (20, 20)))) == 1
    assert answer((0, -0.01, (20, 20))) == ()


@pytest.mark.parametrize("size", [(-20, 20), (20, -20), (0, 20), (math.nan, 20), (20, math.nan)])
def test_a_box_that_is_none_is_dropped(size: tuple[float, float]) -> None:
    assert answer((0, 3.0, size)) == ()


@pytest.mark.parametrize("logit", [math.nan, -math.inf])
def test_a_score_that_is_none_is_dropped(logit: float) -> None:
    assert answer((0, logit, (20, 20))) == ()


def _truncated(box: Box) -> Box:
    # MediaPipe Tasks gives its box in whole pixels, cut off towards zero: on a face of 60 pixels that alone moves an
    # edge by up to 1.6 %, which is none of the detectors' difference.
    return Box(int(box.left), int(box.top), int(box.width), int(box.height))


@pytest.mark.needs_data
def test_it_finds_what_mediapipe_finds(detector: Detector, oracle: Detector, press_photographs: list[Image]) -> None:
    overlaps, distances, disagreements = [], [], 0
    for image in press_photographs:
        ours, theirs = detector.detect(image), oracle.detect(image)
        if len(ours) != len(theirs):
            disagreements += 1
        elif ours:
            overlaps.append(_truncated(ours[0].box).iou(theirs[0].box))
            apart = np.linalg.norm(ours[0].keypoints - theirs[0].keypoints, axis=1)
            distances.append(float(apart.mean()) / theirs[0].box.width)
    assert disagreements <= 0.005 * len(press_photographs)
    assert statistics.median(overlaps) >= 0.95
    assert min(overlaps) >= 0.8
    assert statistics.median(distances) <= 0.02
    assert float(np.quantile(distances, 0.99)) <= 0.02


def test_it_finds_what_mediapipe_finds_in_the_portraits(
    detector: Detector, oracle: Detector, grace: Image, astronaut: Image, two_people: Image
) -> None:
    for image in (grace, astronaut, two_people, np.zeros((480, 640, 3), np.uint8)):
        ours, theirs = detector.detect(image), oracle.detect(image)
        assert len(ours) == len(theirs)
        for mine, other in zip(ours, theirs, strict=True):
            assert _truncated(mine.box).iou(other.box) > 0.95
            assert np.abs(mine.keypoints - other.keypoints).max() < 0.02 * other.box.width
            assert mine.score == pytest.approx(other.score, abs=0.02)
