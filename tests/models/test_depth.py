"""The depth cue on synthetic depth frames: no depth camera was at hand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from daemon.config.settings import Liveness
from models.depth import relief_mm
from models.landmarks import Mesh

LIMIT = Liveness().min_depth_mm


@pytest.fixture
def mesh() -> Mesh:
    """Points over an ellipse of a head 0.5 m away: 150 mm are 200 pixels."""
    angle = np.linspace(0, 2 * np.pi, 468, endpoint=False)
    points = np.column_stack((320 + 100 * np.cos(angle), 240 + 130 * np.sin(angle))).astype(np.float32)
    return Mesh(points=points, depth=np.zeros(468, np.float32), presence=1.0)


def scene(face: NDArray[np.float64], noise_mm: float = 2.0) -> NDArray[np.uint16]:
    return (face + np.random.default_rng(0).normal(0, noise_mm, face.shape)).clip(0).astype(np.uint16)


def head(*, radius_mm: float = 90.0) -> NDArray[np.float64]:
    """Half an ellipsoid of the depth of a face (90 mm from cheek to nose) before a wall at 2 m."""
    rows, columns = np.indices((480, 640))
    inside = 1 - ((columns - 320) / 105) ** 2 - ((rows - 240) / 135) ** 2
    return np.where(inside > 0, 500 - radius_mm * np.sqrt(np.maximum(inside, 0)), 2000.0)


def sheet(*, slope: float = 0.0, bend_mm: float = 0.0) -> NDArray[np.float64]:
    rows, columns = np.indices((480, 640))
    return 500 + slope * (columns - 320) + 0.1 * slope * rows - bend_mm * (1 - ((columns - 320) / 320) ** 2)


def test_a_head_stands_out(mesh: Mesh) -> None:
    assert (relief_mm(scene(head()), mesh) or 0) > 2 * LIMIT


@pytest.mark.parametrize("slope", [0.0, 0.3, -1.0])
def test_a_sheet_is_flat_however_it_is_tilted(mesh: Mesh, slope: float) -> None:
    relief = relief_mm(scene(sheet(slope=slope)), mesh)
    assert relief is not None
    assert relief < LIMIT


def test_a_sheet_bent_by_hand_stays_below(mesh: Mesh) -> None:
    assert (relief_mm(scene(sheet(bend_mm=60)), mesh) or 99) < LIMIT


def test_background_seen_past_the_face_does_not_count(mesh: Mesh) -> None:
    torn = sheet()
    torn[:, :235] = 2000
    assert (relief_mm(scene(torn), mesh) or 99) < LIMIT


def test_a_hole_is_not_judged(mesh: Mesh) -> None:
    holes = scene(head())
    holes[:, :330] = 0
    assert relief_mm(holes, mesh) is None
