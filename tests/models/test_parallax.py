import pytest

from models.landmarks import Mesh
from models.parallax import deformation, motion
from tests.models.heads import head


@pytest.mark.parametrize("yaw_deg", [15, 25, -30])
def test_a_plane_is_explained_by_a_homography(yaw_deg: float) -> None:
    seen = motion(head(yaw_deg=0, flat=True), head(yaw_deg=yaw_deg, flat=True))
    assert seen.deformation > 0.02
    assert seen.residual < 0.001
    assert seen.relief < 0.05


@pytest.mark.parametrize("yaw_deg", [15, 25, -30])
def test_a_head_is_not(yaw_deg: float) -> None:
    seen = motion(head(yaw_deg=0, flat=False), head(yaw_deg=yaw_deg, flat=False))
    assert seen.residual > 0.05
    assert seen.relief > 0.5


def test_what_does_not_turn_has_no_deformation() -> None:
    still = head(yaw_deg=0, flat=False)
    nearer = Mesh(points=still.points * 1.3 + 40, depth=still.depth, presence=1.0)
    assert deformation(still, nearer) == pytest.approx(0.0, abs=1e-5)


def test_the_unit_is_the_distance_between_the_eyes() -> None:
    before, after = head(yaw_deg=0, flat=False), head(yaw_deg=20, flat=False)
    doubled = [Mesh(points=mesh.points * 2, depth=mesh.depth, presence=1.0) for mesh in (before, after)]
    assert motion(*doubled).residual == pytest.approx(motion(before, after).residual, rel=1e-3)
