import cv2
import numpy as np
import pytest

from daemon.config.settings import Liveness
from models.geometry import Image
from models.moire import MoireMeter
from models.suite import Suite
from tests import recapture

LIMIT = Liveness().max_moire


def energy(suite: Suite, image: Image, face_of: Image | None = None) -> float:
    """At the face of `image`, or where it is in the picture that `image` was drawn from: moiré can hide a face."""
    (face, *_) = suite.detector.detect(image if face_of is None else face_of)
    value = MoireMeter().energy(image, face.box.centre)
    assert value is not None
    return value


@pytest.mark.parametrize("quality", [95, 40, 15])
@pytest.mark.parametrize("portrait", ["grace", "astronaut"])
def test_a_compressed_photograph_has_no_peaks(
    suite: Suite, portrait: str, quality: int, request: pytest.FixtureRequest
) -> None:
    _, content = cv2.imencode(".jpg", request.getfixturevalue(portrait), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert energy(suite, np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)) < 0.2 * LIMIT


@pytest.mark.parametrize("pitch_px", [2.3, 2.6, 3.4, 5.0])
@pytest.mark.parametrize("portrait", ["grace", "astronaut"])
def test_a_simulated_pixel_grid_shows(
    suite: Suite, portrait: str, pitch_px: float, request: pytest.FixtureRequest
) -> None:
    image = request.getfixturevalue(portrait)
    assert energy(suite, recapture.on_screen(image, pitch_px=pitch_px), face_of=image) > 2 * LIMIT


@pytest.mark.parametrize("portrait", ["grace", "astronaut"])
def test_a_simulated_print_raster_shows(suite: Suite, portrait: str, request: pytest.FixtureRequest) -> None:
    assert energy(suite, recapture.printed(request.getfixturevalue(portrait))) > 2 * LIMIT


def test_a_bezel_and_a_reflection_are_no_grid(suite: Suite, grace: Image) -> None:
    """This cue is for grids alone: it says nothing of frames and highlights, and must not pretend to."""
    assert energy(suite, recapture.reflection(recapture.framed(grace))) < LIMIT


def test_an_even_picture_has_no_energy() -> None:
    assert MoireMeter().energy(np.full((480, 640, 3), 90, np.uint8), (320, 240)) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("centre", [(0.0, 0.0), (639.0, 479.0), (-50.0, 900.0)])
def test_a_face_at_the_edge_is_measured_inside_the_frame(grace: Image, centre: tuple[float, float]) -> None:
    assert MoireMeter().energy(grace, centre) is not None


def test_a_frame_smaller_than_the_measure_is_not_measured() -> None:
    assert MoireMeter().energy(np.zeros((100, 640, 3), np.uint8), (320, 50)) is None
