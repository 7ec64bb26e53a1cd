from collections.abc import Callable

import numpy as np
import pytest

from models.align import SIDE, TEMPLATE, align
from models.geometry import Image
from models.landmarks import CHIN, FOREHEAD, MOUTH_LEFT, MOUTH_RIGHT, NOSE, Mesh
from models.quality import Quality, assess, pose
from tests.helpers import variants

MeshOf = Callable[[Image], Mesh]


@pytest.fixture(scope="session")
def measure(mesh_of: MeshOf) -> Callable[[Image], Quality]:
    def quality(image: Image) -> Quality:
        mesh = mesh_of(image)
        return assess(mesh, align(image, mesh))

    return quality


Measure = Callable[[Image], Quality]


def test_the_mesh_lies_on_the_face(mesh_of: MeshOf, grace: Image, astronaut: Image) -> None:
    for image in (grace, astronaut):
        mesh = mesh_of(image)
        assert mesh.points.shape == (468, 2)
        assert mesh.depth.shape == (468,)
        assert mesh.presence > 0.9
        (right, left), nose = mesh.eye_centres, mesh.points[NOSE]
        assert right[0] < nose[0] < left[0]
        assert mesh.points[FOREHEAD][1] < right[1] < nose[1] < mesh.points[MOUTH_LEFT][1] < mesh.points[CHIN][1]
        assert mesh.depth[NOSE] < 0 < mesh.depth[[234, 454]].mean()
        assert mesh.eye_distance == pytest.approx(float(np.linalg.norm(left - right)))


def test_what_is_no_face_is_told_by_its_presence(mesh_of: MeshOf) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    assert mesh_of(noise).presence < 0.5


@pytest.mark.parametrize("degrees", [-25, -10, 15, 30])
def test_the_mesh_turns_with_the_head(mesh_of: MeshOf, grace: Image, degrees: float) -> None:
    still, turned = mesh_of(grace), mesh_of(variants.turned(grace, degrees, (268, 244)))
    centre, angle = np.array([268, 244]), np.radians(degrees)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    expected = (still.points - centre) @ rotation.T + centre
    assert np.linalg.norm(turned.points - expected, axis=1).mean() < 0.06 * still.eye_distance


def test_an_aligned_face_has_its_features_where_the_template_has_them(
    mesh_of: MeshOf, grace: Image, astronaut: Image
) -> None:
    for image in (grace, variants.turned(grace, 20, (268, 244)), variants.scaled(astronaut, 2)):
        aligned = align(image, mesh_of(image))
        assert aligned.shape == (SIDE, SIDE, 3)
        assert aligned.dtype == np.uint8
        # Found again in the aligned picture, with room around it for the detector.
        canvas = np.full((336, 336, 3), 128, np.uint8)
        canvas[112:224, 112:224] = aligned
        mesh = mesh_of(canvas)
        found = np.concatenate((mesh.eye_centres, mesh.points[[NOSE, MOUTH_RIGHT, MOUTH_LEFT]])) - 112
        assert np.abs(found - TEMPLATE).max() < 8


def test_alignment_undoes_a_turn(mesh_of: MeshOf, grace: Image) -> None:
    turned = variants.turned(grace, 15, (268, 244))
    one, other = align(grace, mesh_of(grace)), align(turned, mesh_of(turned))
    middle = np.s_[20:92, 20:92]
    assert np.corrcoef(one[middle].ravel(), other[middle].ravel())[0, 1] > 0.9


def test_the_portraits_are_good(measure: Measure, grace: Image, astronaut: Image) -> None:
    for image in (grace, astronaut):
        quality = measure(image)
        assert abs(quality.yaw_deg) < 10
        assert abs(quality.pitch_deg) < 12
        assert abs(quality.roll_deg) < 6
        assert quality.sharpness > 100
        assert 80 < quality.brightness < 180
        assert quality.eye_opening > 0.2


def test_blur_lowers_sharpness_step_by_step(measure: Measure, grace: Image) -> None:
    values = [measure(variants.blurred(grace, sigma)).sharpness for sigma in (1, 2, 4, 8)]
    assert values == sorted(values, reverse=True)
    assert measure(grace).sharpness > 1.5 * values[0]
    assert values[0] > 20 * values[-1]


@pytest.mark.parametrize("gain", [0.3, 0.6])
def test_less_light_lowers_brightness_as_much(measure: Measure, grace: Image, gain: float) -> None:
    assert measure(variants.lit(grace, gain)).brightness == pytest.approx(gain * measure(grace).brightness, rel=0.1)


@pytest.mark.parametrize("degrees", [-25, -10, 10, 25])
def test_a_turn_in_the_picture_is_roll(measure: Measure, grace: Image, degrees: float) -> None:
    turned = measure(variants.turned(grace, degrees, (268, 244)))
    assert turned.roll_deg - measure(grace).roll_deg == pytest.approx(degrees, abs=4)
    assert abs(turned.yaw_deg) < 10


@pytest.mark.parametrize("factor", [0.5, 0.75, 2.0])
def test_scale_is_size(measure: Measure, grace: Image, factor: float) -> None:
    assert measure(variants.scaled(grace, factor)).size_px == pytest.approx(factor * measure(grace).size_px, rel=0.03)


def head(yaw: float, pitch: float) -> Mesh:
    """A drawn head; yaw turns it to its own left, pitch lets it look up, both in degrees."""
    solid = np.zeros((468, 3))
    solid[[33, 133, 362, 263]] = [[-60, -40, 0], [-30, -40, 0], [30, -40, 0], [60, -40, 0]]
    solid[FOREHEAD], solid[CHIN] = [0, -100, 0], [0, 100, 0]
    a, b = np.radians(yaw), np.radians(pitch)
    about_y = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    turned = solid @ about_x.T @ about_y.T
    return Mesh(points=turned[:, :2].astype(np.float32), depth=turned[:, 2].astype(np.float32), presence=1.0)


@pytest.mark.parametrize("yaw", [-40, -10, 0, 25])
def test_the_pose_of_a_drawn_head(yaw: float) -> None:
    level = pose(head(0, 0))
    found = pose(head(yaw, 0))
    assert abs(found[0]) == pytest.approx(abs(yaw), abs=0.5)
    assert found[1] == pytest.approx(level[1], abs=0.5)
    assert pose(head(-yaw, 0))[0] == pytest.approx(-found[0], abs=0.01)


@pytest.mark.parametrize("pitch", [-20, 15])
def test_the_pitch_of_a_drawn_head(pitch: float) -> None:
    assert abs(pose(head(0, pitch))[1] - pose(head(0, 0))[1]) == pytest.approx(abs(pitch), abs=0.5)
    assert pose(head(0, pitch))[0] == pytest.approx(0, abs=0.01)


@pytest.mark.needs_data
def test_a_mirror_changes_the_sign_of_yaw_and_roll(measure: Measure, press_photographs: list[Image]) -> None:
    yaws = []
    for image in press_photographs[::4]:
        quality, mirror = measure(image), measure(variants.mirrored(image))
        yaws.append((quality.yaw_deg, mirror.yaw_deg, quality.roll_deg, mirror.roll_deg))
    values = np.array(yaws)
    turned = np.abs(values[:, 0]) > 10
    assert turned.sum() > 15
    assert (np.sign(values[turned, 0]) == -np.sign(values[turned, 1])).all()
    assert np.median(np.abs(values[:, 0] + values[:, 1])) < 4
    assert np.median(np.abs(values[:, 2] + values[:, 3])) < 2
