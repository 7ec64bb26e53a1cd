"""Is it a plane that moves, or a head? How far a homography explains the motion of a mesh between two frames.

The image of a plane moves by a homography exactly (Hartley and Zisserman, "Multiple View Geometry", 2.3); of a turning
head, nose and cheeks move against each other as no homography can.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import apply, similarity_transform
from models.landmarks import Mesh

# Every fourth point: the residuals stay the same to a few per cent and the fit costs a quarter.
_POINTS = slice(None, None, 4)


@dataclass(frozen=True)
class Motion:
    """What is left of the motion between two meshes, root mean square in units of the distance between the eyes.

    `deformation` is left after the best similarity (the head moved, came nearer or tilted), `residual` after the best
    homography (everything that a plane can do).
    """

    deformation: float
    residual: float

    @property
    def relief(self) -> float:
        """The share (about 0..1) of the deformation that no plane explains."""
        return self.residual / self.deformation


def deformation(before: Mesh, after: Mesh) -> float:
    """As `Motion.deformation`: cheap, to choose the pairs that are worth more."""
    source, target = before.points[_POINTS], after.points[_POINTS]
    return _rms(apply(similarity_transform(source, target), source) - target) / after.eye_distance


def motion(before: Mesh, after: Mesh) -> Motion:
    """Compare the meshes of one face in two frames."""
    source, target = before.points[_POINTS], after.points[_POINTS]
    homography, _ = cv2.findHomography(source, target, 0)
    moved = cv2.perspectiveTransform(source[np.newaxis], homography)[0]
    return Motion(deformation(before, after), _rms(np.asarray(moved) - target) / after.eye_distance)


def _rms(offsets: NDArray[np.float32]) -> float:
    return float(np.sqrt((offsets * offsets).sum(axis=1).mean()))
