"""Boxes and the transforms that cut faces out of frames."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Box:
    """An axis-aligned rectangle in pixels of the frame; it may reach beyond the frame's edges."""

    left: float
    top: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2

    @property
    def area(self) -> float:
        return self.width * self.height

    def iou(self, other: "Box") -> float:
        """Intersection over union, 0..1."""
        across = min(self.left + self.width, other.left + other.width) - max(self.left, other.left)
        down = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        if across <= 0 or down <= 0:
            return 0.0
        shared = across * down
        return shared / (self.area + other.area - shared)


def similarity_transform(source: NDArray[np.float32], target: NDArray[np.float32]) -> Matrix:
    """The 2×3 matrix of the least-squares similarity that takes `source` (N, 2) to `target` (N, 2).

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI 1991; in two
    dimensions a similarity is a complex factor, so the closed form needs no SVD. Reflections are not considered.
    """
    source_mean, target_mean = source.mean(axis=0), target.mean(axis=0)
    s, t = source - source_mean, target - target_mean
    # Points that all coincide have no direction; the matrix is then that of a shift, and nothing divides by zero.
    norm = max(float((s * s).sum()), 1e-12)
    a = float((s * t).sum()) / norm
    b = float((s[:, 0] * t[:, 1] - s[:, 1] * t[:, 0]).sum()) / norm
    rotation = np.array([[a, -b], [b, a]], dtype=np.float32)
    shift = target_mean - rotation @ source_mean
    return np.column_stack((rotation, shift)).astype(np.float32)


def level_crop(box_centre: tuple[float, float], side: float, angle: float, size: int) -> Matrix:
    """The 2×3 matrix that takes a square of `side` pixels, turned by `angle` radians, to `size` × `size` pixels."""
    scale = size / side
    cos, sin = scale * np.cos(-angle), scale * np.sin(-angle)
    x, y = box_centre
    half = size / 2
    return np.array([[cos, -sin, half - cos * x + sin * y], [sin, cos, half - sin * x - cos * y]], dtype=np.float32)


def warp(image: Image, matrix: Matrix, size: tuple[int, int]) -> Image:
    """Cut `size` (width, height) pixels out of the frame by a 2×3 matrix from frame to crop; outside is black."""
    return np.asarray(cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR), dtype=np.uint8)


def warp_finely(image: Image, matrix: Matrix, size: tuple[int, int]) -> Image:
    """Cut out as `warp` does, by cubic interpolation, or after halving the frame where the crop is far smaller.

    The few pixels that an interpolation looks at alias once a crop is shrunk more than twofold; averages of 2 × 2
    pixels, taken again and again, don't.
    """
    halvings = int(np.log2(max(1.0, 1 / float(np.hypot(matrix[0, 0], matrix[1, 0])))))
    if not halvings:
        return np.asarray(cv2.warpAffine(image, matrix, size, flags=cv2.INTER_CUBIC), dtype=np.uint8)
    halved, from_halved = _halved(image, matrix, size, halvings)
    return warp(halved, from_halved, size)


def _halved(image: Image, matrix: Matrix, size: tuple[int, int], halvings: int) -> tuple[Image, Matrix]:
    """The part of the frame that `matrix` looks at, halved so many times, and the matrix from there."""
    block = 1 << halvings
    width, height = size
    corners = apply(invert(matrix), np.array([[0, 0], [width, 0], [0, height], [width, height]], dtype=np.float32))
    frame = np.array([image.shape[1], image.shape[0]])
    start = np.clip(np.floor(corners.min(axis=0)).astype(int) - block, 0, frame)
    blocks = (np.clip(np.ceil(corners.max(axis=0)).astype(int) + block, 0, frame) - start) // block
    if not blocks.all():
        return image, matrix
    end = start + blocks * block
    part = image[start[1] : end[1], start[0] : end[0]]
    for _ in range(halvings):
        part = np.asarray(cv2.resize(part, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    # The centre of the first block lies (block - 1) / 2 pixels into it.
    shift = matrix[:, 2] + matrix[:, :2] @ (start + (block - 1) / 2)
    return part, np.column_stack((matrix[:, :2] * block, shift)).astype(np.float32)


def apply(matrix: Matrix, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take points (N, 2) through a 2×3 matrix."""
    return (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def invert(matrix: Matrix) -> Matrix:
    """The 2×3 matrix of the way back."""
    return np.asarray(cv2.invertAffineTransform(matrix), dtype=np.float32)
