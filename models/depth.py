"""The relief of a face in a depth frame: a picture is flat, whatever it shows."""

import cv2
import numpy as np
from numpy.typing import NDArray

from models.landmarks import Mesh

# Of the pixels inside the face, so many must carry a depth, or the camera saw a hole.
_MIN_VALID = 0.5


def relief_mm(depth: NDArray[np.uint16], mesh: Mesh) -> float | None:
    """How far the face stands out of its own best plane: root mean square in millimetres.

    `depth` is (height, width) uint16, millimetres from the camera, 0 where nothing was measured, pixel for pixel beside
    the colour frame of `mesh`. None when less than half of the face was measured.
    """
    hull = cv2.convexHull(mesh.points.astype(np.int32))
    mask = np.zeros(depth.shape, dtype=np.uint8)
    cv2.fillConvexPoly(mask, hull, 1)
    rows, columns = np.nonzero((mask > 0) & (depth > 0))
    if rows.size < _MIN_VALID * int(mask.sum()) or rows.size < 3:
        return None
    distance = depth[rows, columns].astype(np.float64)
    # Spikes at the face's edge are the background seen past it.
    near = distance < np.median(distance) * 1.15
    plane = np.column_stack((rows[near], columns[near], np.ones(int(near.sum()))))
    coefficients, *_ = np.linalg.lstsq(plane, distance[near], rcond=None)
    return float(np.sqrt(np.mean((plane @ coefficients - distance[near]) ** 2)))
