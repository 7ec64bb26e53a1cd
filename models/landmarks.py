"""Face landmarks: MediaPipe's 468-point mesh on a crop that is level by the eyes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.detector import LEFT_EYE, RIGHT_EYE, Face
from models.geometry import Image, apply, invert, level_crop, warp
from models.runtime import Network

# Mesh indices, of the person: MediaPipe's canonical face model.
RIGHT_EYE_OUTER, RIGHT_EYE_INNER = 33, 133
LEFT_EYE_OUTER, LEFT_EYE_INNER = 263, 362
NOSE = 4
MOUTH_RIGHT, MOUTH_LEFT = 61, 291
CHIN, FOREHEAD = 152, 10


@dataclass(frozen=True, eq=False)
class Mesh:
    """The mesh of one face.

    `points` are (468, 2) in pixels of the frame; `depth` (468,) is in the same scale, relative to the head's middle,
    smaller is nearer the camera. `presence` (0..1) tells how sure the network is that the crop holds a face.
    """

    points: NDArray[np.float32]
    depth: NDArray[np.float32]
    presence: float

    @property
    def eye_centres(self) -> NDArray[np.float32]:
        """The person's right and left eye centre (2, 2), pixels."""
        right = self.points[[RIGHT_EYE_OUTER, RIGHT_EYE_INNER]].mean(axis=0)
        left = self.points[[LEFT_EYE_INNER, LEFT_EYE_OUTER]].mean(axis=0)
        return np.stack((right, left))

    @property
    def eye_distance(self) -> float:
        """Pixels between the eye centres."""
        return float(np.linalg.norm(np.diff(self.eye_centres, axis=0)))


class LandmarkModel:
    """Finds the mesh of a detected face."""

    def __init__(self, *, network: Network) -> None:
        self._network = network
        self._side = network.spec.input.size[0]

    def locate(self, image: Image, face: Face) -> Mesh:
        """The mesh of `face` in the BGR frame that it was detected in."""
        across = face.keypoints[LEFT_EYE] - face.keypoints[RIGHT_EYE]
        side = self._network.spec.crop.scale * max(face.box.width, face.box.height)
        matrix = level_crop(face.box.centre, side, float(np.arctan2(across[1], across[0])), self._side)
        points, presence = self._network.run(warp(image, matrix, (self._side, self._side)))
        points = points.reshape(468, 3)
        return Mesh(
            points=apply(invert(matrix), points[:, :2]),
            depth=points[:, 2] * (side / self._side),
            presence=float(1.0 / (1.0 + np.exp(-presence.reshape(-1)[0]))),
        )
