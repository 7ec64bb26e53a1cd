from dataclasses import replace

import numpy as np
import pytest

from daemon.config.settings import QualityLimits, Vision
from daemon.types import Reason
from daemon.vision.recogniser import Recogniser, first_fault, load_recogniser
from models.errors import ModelError
from models.geometry import Image
from tests.helpers import qualities

GOOD = replace(qualities.GOOD, sharpness=100)
LIMITS = QualityLimits()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"size_px": 111.9}, Reason.TOO_SMALL),
        ({"size_px": 112.0}, None),
        ({"yaw_deg": 35.1}, Reason.NOT_FRONTAL),
        ({"yaw_deg": -35.1}, Reason.NOT_FRONTAL),
        ({"pitch_deg": 25.1}, Reason.NOT_FRONTAL),
        ({"pitch_deg": -25.1}, Reason.NOT_FRONTAL),
        ({"roll_deg": 30.1}, Reason.NOT_FRONTAL),
        ({"roll_deg": -30.0}, None),
        ({"brightness": 39.9}, Reason.TOO_DARK),
        ({"brightness": 200.1}, Reason.TOO_BRIGHT),
        ({"sharpness": 19.9}, Reason.BLURRED),
        ({"eye_opening": 0.14}, Reason.EYES_CLOSED),
        ({"eye_contrast": 0.24}, Reason.EYES_COVERED),
        ({"lip_contrast": 0.06}, Reason.MOUTH_COVERED),
        ({"eye_contrast": 0, "lip_contrast": 0}, Reason.EYES_COVERED),
        ({"size_px": 50, "yaw_deg": 50, "brightness": 0, "sharpness": 0, "eye_opening": 0}, Reason.TOO_SMALL),
        ({"yaw_deg": 50, "brightness": 0, "sharpness": 0, "eye_opening": 0}, Reason.NOT_FRONTAL),
        ({"brightness": 0, "sharpness": 0, "eye_opening": 0}, Reason.TOO_DARK),
        ({"sharpness": 0, "eye_opening": 0}, Reason.BLURRED),
    ],
)
def test_the_first_criterion_that_fails_is_named(change: dict[str, float], fault: Reason | None) -> None:
    assert first_fault(replace(GOOD, **change), LIMITS) is fault


@pytest.mark.parametrize("criterion", list(vars(GOOD)))
def test_what_is_no_number_meets_no_criterion(criterion: str) -> None:
    assert first_fault(replace(GOOD, **{criterion: float("nan")}), LIMITS) is not None


def test_a_read_only_frame_goes_all_the_way(recogniser: Recogniser, grace: Image) -> None:
    assert not grace.flags.writeable
    (face,) = recogniser.detect(grace)
    view = recogniser.view(grace, face)
    assert view.fault is None
    assert view.aligned.shape == (112, 112, 3)
    assert 0 <= recogniser.liveness(grace, face) <= 1
    embedding = recogniser.embed(view)
    assert embedding.dtype == np.float32
    assert np.linalg.norm(embedding) == pytest.approx(1, abs=1e-5)
    moire = recogniser.moire(grace, face)
    assert moire is not None
    assert 0 <= moire <= 1


def test_it_keeps_nothing_between_calls(recogniser: Recogniser, grace: Image, astronaut: Image) -> None:
    def embedding(image: Image) -> np.ndarray:
        return recogniser.embed(recogniser.view(image, recogniser.detect(image)[0]))

    first = embedding(grace)
    embedding(astronaut)
    np.testing.assert_array_equal(embedding(grace), first)


def test_nobody_is_found_where_nobody_is(recogniser: Recogniser) -> None:
    ramp = np.linspace(0, 255, 640, dtype=np.uint8)
    for image in (np.zeros((480, 640, 3), np.uint8), np.tile(ramp[None, :, None], (480, 1, 3))):
        assert recogniser.detect(image) == ()


@pytest.mark.parametrize("size", [(1, 1), (1, 640), (480, 1), (7, 5)])
def test_the_smallest_frames_are_searched(recogniser: Recogniser, size: tuple[int, int]) -> None:
    assert recogniser.detect(np.full((*size, 3), 128, np.uint8)) == ()


def test_the_largest_face_comes_first(recogniser: Recogniser, two_people: Image) -> None:
    first, second = recogniser.detect(two_people)
    assert first.box.area > second.box.area
    assert first.box.left > second.box.left


def test_it_names_its_model(recogniser: Recogniser) -> None:
    assert recogniser.model == "mobilefacenet-512-int8/0.0.1+1.5"


def test_weights_that_are_not_there_are_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("weights")
    with pytest.raises(ModelError, match=r"manifest\.toml: can't be read"):
        load_recogniser(vision=Vision(weights=folder), limits=LIMITS)
