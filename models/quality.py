"""Quality of a face as numbers with units, measured on the mesh and the aligned picture (ISO/IEC 29794-5 in spirit)."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.align import alignment
from models.geometry import Image, apply
from models.landmarks import CHIN, FOREHEAD, LEFT_EYE_INNER, LEFT_EYE_OUTER, RIGHT_EYE_INNER, RIGHT_EYE_OUTER, Mesh
from models.occlusion import eye_contrast, lip_contrast

# Upper and lower lid in the middle of the eye, and its two corners.
_RIGHT_EYE = (159, 145, RIGHT_EYE_OUTER, RIGHT_EYE_INNER)
_LEFT_EYE = (386, 374, LEFT_EYE_INNER, LEFT_EYE_OUTER)

# The line from forehead to chin leans back in a level head: the median pitch of LFW's pictures before this offset.
_LEVEL_PITCH_DEG = -5.5


@dataclass(frozen=True)
class Quality:
    """What one face offers to a comparison.

    `size_px` is the distance from chin to forehead in pixels; `yaw_deg` (positive: turned to the person's left),
    `pitch_deg` (positive: looking up) and `roll_deg` (positive: tilted clockwise in the picture) are degrees;
    `sharpness` is the variance of the Laplacian of the aligned grey face; `brightness` its mean luma, 0..255;
    `eye_opening` the height of the more open eye over its width; `lip_contrast` and `eye_contrast` the depth of the
    line between the lips and the span of luma in an eye, as shares of the face's: little where they are covered.
    """

    size_px: float
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    sharpness: float
    brightness: float
    eye_opening: float
    lip_contrast: float
    eye_contrast: float


def assess(mesh: Mesh, aligned: Image) -> Quality:
    """Measure a face from its mesh in the frame and its aligned (112, 112, 3) BGR picture."""
    yaw, pitch, roll = pose(mesh)
    grey = np.asarray(cv2.cvtColor(aligned, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    points = apply(alignment(mesh), mesh.points)
    return Quality(
        size_px=float(np.linalg.norm(mesh.points[FOREHEAD] - mesh.points[CHIN])),
        yaw_deg=yaw,
        pitch_deg=pitch,
        roll_deg=roll,
        sharpness=float(cv2.Laplacian(grey, cv2.CV_32F).var()),
        brightness=float(grey.mean()),
        eye_opening=max(_opening(mesh.points, _RIGHT_EYE), _opening(mesh.points, _LEFT_EYE)),
        lip_contrast=lip_contrast(grey, points),
        eye_contrast=eye_contrast(grey, points),
    )


def pose(mesh: Mesh) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees, from the plane through eyes, forehead and chin."""
    solid = np.column_stack((mesh.points, mesh.depth))
    left, right = solid[[LEFT_EYE_INNER, LEFT_EYE_OUTER]], solid[[RIGHT_EYE_INNER, RIGHT_EYE_OUTER]]
    across = left.mean(axis=0) - right.mean(axis=0)
    down = solid[CHIN] - solid[FOREHEAD]
    # x to the right, y down, z away from the camera: the normal of a frontal face is (0, 0, 1).
    normal = np.cross(across, down)
    yaw = np.degrees(np.arctan2(normal[0], normal[2]))
    pitch = np.degrees(np.arctan2(normal[1], np.hypot(normal[0], normal[2])))
    roll = np.degrees(np.arctan2(across[1], across[0]))
    return float(yaw), float(pitch - _LEVEL_PITCH_DEG), float(roll)


def _opening(points: NDArray[np.float32], eye: tuple[int, int, int, int]) -> float:
    upper, lower, outer, inner = points[list(eye)]
    return float(np.linalg.norm(upper - lower) / np.linalg.norm(outer - inner))
