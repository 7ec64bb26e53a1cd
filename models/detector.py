"""Face detection: BlazeFace short range, run directly on the interpreter."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.geometry import Box, Image, warp
from models.runtime import Network

RIGHT_EYE, LEFT_EYE = 0, 1

MIN_SCORE = 0.5
SUPPRESSION_IOU = 0.3
_MIN_LOGIT = float(np.log(MIN_SCORE / (1 - MIN_SCORE)))


@dataclass(frozen=True, eq=False)
class Face:
    """A detected face: box in pixels, score 0..1 and six key points (6, 2) in pixels.

    The key points are the person's right eye, left eye, nose tip, mouth centre, right and left ear tragion.
    """

    box: Box
    score: float
    keypoints: NDArray[np.float32]


class Detector(Protocol):
    """Finds faces in a BGR frame, largest first."""

    def detect(self, image: Image) -> tuple[Face, ...]: ...


class BlazeFaceDetector:
    """MediaPipe's short-range BlazeFace, decoded here.

    Anchors, box decoding and weighted non-maximum suppression follow MediaPipe's face_detection_short_range graph
    (SsdAnchorsCalculator, TensorsToDetectionsCalculator, NonMaxSuppressionCalculator; Bazarevsky et al., "BlazeFace",
    2019).
    """

    def __init__(self, *, network: Network) -> None:
        self._network = network
        self._side = network.spec.input.size[0]
        self._anchors = _anchors()

    def detect(self, image: Image) -> tuple[Face, ...]:
        height, width = image.shape[:2]
        scale = self._side / max(height, width)
        regressors, logits = self._network.run(_letterbox(image, self._side))
        keep = np.flatnonzero(logits[0, :, 0] >= _MIN_LOGIT)
        if not keep.size:
            return ()
        scores = 1.0 / (1.0 + np.exp(-logits[0, keep, 0]))
        detections = _decode(regressors[0, keep], self._anchors[keep], self._side)
        offset = np.array([(self._side - width * scale) / 2, (self._side - height * scale) / 2], dtype=np.float32)
        faces = [
            _face((points.reshape(-1, 2) - offset) / scale, score)
            for points, score in _weighted_nms(detections, scores)
        ]
        # The network may answer with a box turned inside out, or with no number at all: neither can be cut out.
        solid = [face for face in faces if face.box.width > 0 and face.box.height > 0]
        return tuple(sorted(solid, key=lambda face: face.box.area, reverse=True))


def _anchors() -> NDArray[np.float32]:
    """Anchor centres (896, 2), 0..1: two to a cell of the 16 × 16 grid and six to a cell of the 8 × 8 grid."""
    grids = []
    for cells, per_cell in ((16, 2), (8, 6)):
        centre = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        x, y = np.meshgrid(centre, centre)
        grids.append(np.repeat(np.stack((x, y), axis=-1).reshape(-1, 2), per_cell, axis=0))
    return np.concatenate(grids)


def _letterbox(image: Image, side: int) -> Image:
    """The whole frame in a black square, its aspect ratio kept.

    Corner goes to corner, not pixel centre to pixel centre, because MediaPipe's ImageToTensorCalculator does so.
    """
    height, width = image.shape[:2]
    scale = side / max(height, width)
    shift = (side - width * scale) / 2, (side - height * scale) / 2
    return warp(image, np.array([[scale, 0, shift[0]], [0, scale, shift[1]]], dtype=np.float32), (side, side))


def _decode(regressors: NDArray[np.float32], anchors: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Raw rows (N, 16) to two box corners and six key points, (N, 16) in pixels of the letterboxed square."""
    centres = anchors * side
    points = regressors.reshape(-1, 8, 2).copy()
    half = points[:, 1] / 2
    middle = points[:, 0] + centres
    points[:, 2:] += centres[:, np.newaxis]
    points[:, 0], points[:, 1] = middle - half, middle + half
    return points.reshape(-1, 16)


def _weighted_nms(
    detections: NDArray[np.float32], scores: NDArray[np.float32]
) -> list[tuple[NDArray[np.float32], float]]:
    """Merge overlapping detections (N, 16) into score-weighted means, best first."""
    order = np.argsort(-scores, kind="stable")
    merged = []
    while order.size:
        overlaps = _iou(detections[order[0]], detections[order]) > SUPPRESSION_IOU
        overlaps[0] = True
        group = order[overlaps]
        weights = scores[group]
        merged.append(
            ((weights[:, np.newaxis] * detections[group]).sum(axis=0) / weights.sum(), float(scores[order[0]]))
        )
        order = order[~overlaps]
    return merged


def _iou(one: NDArray[np.float32], many: NDArray[np.float32]) -> NDArray[np.float32]:
    across = np.minimum(one[2], many[:, 2]) - np.maximum(one[0], many[:, 0])
    down = np.minimum(one[3], many[:, 3]) - np.maximum(one[1], many[:, 1])
    shared = np.maximum(across, 0) * np.maximum(down, 0)
    areas = (many[:, 2] - many[:, 0]) * (many[:, 3] - many[:, 1])
    own = (one[2] - one[0]) * (one[3] - one[1])
    return np.asarray(shared / np.maximum(areas + own - shared, 1e-9), dtype=np.float32)


def _face(points: NDArray[np.float32], score: float) -> Face:
    (left, top), (right, bottom) = points[0], points[1]
    box = Box(float(left), float(top), float(right - left), float(bottom - top))
    return Face(box=box, score=score, keypoints=points[2:])
