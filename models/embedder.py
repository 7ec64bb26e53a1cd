"""The embedding of an aligned face: what is compared, and what templates are made of."""

import numpy as np
from numpy.typing import NDArray

from models.geometry import Image
from models.runtime import Network

Embedding = NDArray[np.float32]


class Embedder:
    """Turns an aligned face into a unit vector; the cosine of two is their score."""

    def __init__(self, *, network: Network) -> None:
        self._network = network

    @property
    def label(self) -> str:
        """Name and version of the network: scores of different labels are not comparable."""
        return self._network.spec.label

    def embed(self, aligned: Image) -> Embedding:
        """The embedding (D,) float32 of length 1 of a (112, 112, 3) BGR face."""
        (vector,) = self._network.run(aligned)
        embedding = vector[0]
        return np.asarray(embedding / np.linalg.norm(embedding), dtype=np.float32)

    def embed_symmetric(self, aligned: Image) -> Embedding:
        """The direction (D,) between the embeddings of a face and of its mirror image: steadier, at twice the time."""
        return between(self.embed(aligned), self.embed(mirrored(aligned)))


def mirrored(aligned: Image) -> Image:
    """The same face, left and right exchanged."""
    return np.ascontiguousarray(aligned[:, ::-1])


def between(one: Embedding, other: Embedding) -> Embedding:
    """The direction between two embeddings, of length 1."""
    both = one + other
    return np.asarray(both / np.linalg.norm(both), dtype=np.float32)
