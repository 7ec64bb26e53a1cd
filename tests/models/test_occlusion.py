from collections.abc import Callable

import numpy as np
import pytest

from daemon.config.settings import QualityLimits
from models.align import align
from models.geometry import Image
from models.landmarks import Mesh
from models.occlusion import eye_contrast, lip_contrast
from models.quality import Quality, assess
from tests.helpers import variants

MeshOf = Callable[[Image], Mesh]

LIMITS = QualityLimits()
CLOTHS = {"surgical": (205, 175, 130), "white": (225, 225, 225), "black": (35, 33, 32), "skin": (130, 155, 190)}
LENSES = {"black": (25, 22, 20), "brown": (30, 50, 75), "mirror": (120, 110, 100)}


@pytest.fixture
def quality_of(mesh_of: MeshOf) -> Callable[[Image], Quality]:
    def measure(image: Image) -> Quality:
        mesh = mesh_of(image)
        return assess(mesh, align(image, mesh))

    return measure


@pytest.fixture(params=["grace", "astronaut"])
def portrait(request: pytest.FixtureRequest) -> Image:
    image: Image = request.getfixturevalue(request.param)
    return image


def test_a_bare_face_shows_mouth_and_eyes(quality_of: Callable[[Image], Quality], portrait: Image) -> None:
    for image in (portrait, variants.mirrored(portrait), variants.lit(portrait, 0.6), variants.blurred(portrait, 1.5)):
        quality = quality_of(image)
        assert quality.lip_contrast > 1.5 * LIMITS.min_lip_contrast
        assert quality.eye_contrast > 1.3 * LIMITS.min_eye_contrast


@pytest.mark.parametrize("cloth", CLOTHS)
def test_a_mask_hides_the_mouth_alone(
    quality_of: Callable[[Image], Quality], mesh_of: MeshOf, portrait: Image, cloth: str
) -> None:
    quality = quality_of(variants.masked(portrait, mesh_of(portrait), CLOTHS[cloth]))
    assert quality.lip_contrast < LIMITS.min_lip_contrast
    assert quality.eye_contrast > LIMITS.min_eye_contrast


@pytest.mark.parametrize("lens", LENSES)
def test_dark_glasses_hide_the_eyes_alone(
    quality_of: Callable[[Image], Quality], mesh_of: MeshOf, portrait: Image, lens: str
) -> None:
    quality = quality_of(variants.in_sunglasses(portrait, mesh_of(portrait), LENSES[lens]))
    assert quality.eye_contrast < LIMITS.min_eye_contrast
    assert quality.lip_contrast > LIMITS.min_lip_contrast


def test_one_eye_is_enough() -> None:
    grey = np.full((112, 112), 128, np.uint8)
    grey[48:56, 34:42] = 20
    points = np.zeros((468, 2), np.float32)
    points[[33, 133, 159, 145]], points[[263, 362, 386, 374]] = (38, 51), (74, 51)
    assert eye_contrast(grey, points) == pytest.approx(108 / 128)


@pytest.mark.parametrize("luma", [0, 1, 128, 255])
def test_an_even_picture_has_no_contrast(luma: int) -> None:
    grey = np.full((112, 112), luma, np.uint8)
    points = np.full((468, 2), 56, np.float32)
    assert (lip_contrast(grey, points), eye_contrast(grey, points)) == (pytest.approx(0, abs=1e-4), 0)


@pytest.mark.parametrize("place", [np.nan, np.inf, -np.inf, -500.0, 1e9])
def test_a_mesh_that_went_astray_is_measured_all_the_same(place: float) -> None:
    grey = np.random.default_rng(1).integers(0, 256, (112, 112), dtype=np.uint8)
    points = np.full((468, 2), place, np.float32)
    assert np.isfinite([lip_contrast(grey, points), eye_contrast(grey, points)]).all()
