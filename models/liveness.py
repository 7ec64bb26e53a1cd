"""Presentation attack detection by networks that look at a face with its surroundings."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import Box, Image
from models.manifest import LivenessSpec
from models.runtime import Network


class LivenessNetwork:
    """One network of the manifest with its own crop, colours and classes."""

    def __init__(self, *, spec: LivenessSpec, network: Network) -> None:
        self._spec = spec
        self._network = network

    def score(self, image: Image, box: Box) -> float:
        """Probability (0..1) that the presentation is bona fide."""
        crop = crop_surroundings(image, box, self._spec.crop.scale)
        (logits,) = self._network.run(np.asarray(cv2.resize(crop, self._spec.input.size), dtype=np.uint8))
        values = softmax(logits[0]) if self._spec.softmax else logits[0]
        return float(values[self._spec.live_index])


class LivenessModel:
    """The mean of the probabilities of all liveness networks."""

    def __init__(self, *, networks: Sequence[LivenessNetwork]) -> None:
        self._networks = tuple(networks)

    def score(self, image: Image, box: Box) -> float:
        """Probability (0..1) that the face in `box` of the BGR frame is bona fide."""
        return sum(network.score(image, box) for network in self._networks) / len(self._networks)


def crop_surroundings(image: Image, box: Box, scale: float) -> Image:
    """The part of the frame around a box, `scale` times its size.

    It is made smaller where the frame is too small for it and shifted inside the frame, never padded: the way in which
    the MiniFASNet family was trained (minivision, Silent-Face-Anti-Spoofing, generate_patches.py).
    """
    height, width = image.shape[:2]
    scale = min(scale, (height - 1) / box.height, (width - 1) / box.width)
    crop_width, crop_height = box.width * scale, box.height * scale
    x, y = box.centre
    left = int(np.clip(x - crop_width / 2, 0, width - 1 - crop_width))
    top = int(np.clip(y - crop_height / 2, 0, height - 1 - crop_height))
    return image[top : top + int(crop_height) + 1, left : left + int(crop_width) + 1]


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of a vector of logits."""
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum(), dtype=np.float32)
