"""Alignment of a face onto the ArcFace template, which the embedding network was trained with."""

import numpy as np

from models.geometry import Image, Matrix, similarity_transform, warp_finely
from models.landmarks import MOUTH_LEFT, MOUTH_RIGHT, NOSE, Mesh

SIDE = 112

# Eye centres, nose and mouth corners, from the viewer's left: InsightFace, face_align.py (arcface_dst).
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
    dtype=np.float32,
)


def align(image: Image, mesh: Mesh) -> Image:
    """The face as a (112, 112, 3) BGR picture with eyes, nose and mouth where the template has them."""
    return warp_finely(image, alignment(mesh), (SIDE, SIDE))


def alignment(mesh: Mesh) -> Matrix:
    """The 2×3 matrix from the frame's pixels to those of the aligned face."""
    points = np.concatenate((mesh.eye_centres, mesh.points[[NOSE, MOUTH_RIGHT, MOUTH_LEFT]]))
    return similarity_transform(points, TEMPLATE)
