"""The embedding of an aligned face: what is compared, and what templates are made of."""

import numpy as np
from numpy.typing import NDArray

from models.geometry import Image
from models.manifest import EmbedderSpec
from models.runtime import Network

Embedding = NDArray[np.float32]


class Embedder:
    """Turns an aligned face into a unit vector; the cosine of two is their score."""

    def __init__(self, *, network: Network, spec: EmbedderSpec) -> None:
        self._network = network
        self._spec = spec

    @property
    def label(self) -> str:
        """Name and version of the embedding: scores of different labels are not comparable."""
        return self._spec.label

    def embed(self, aligned: Image) -> Embedding:
        """The embedding (D + 1,) float32 of length 1 of a (112, 112, 3) BGR face."""
        return lifted(self.answer(aligned), self._spec.appended)

    def answer(self, aligned: Image) -> NDArray[np.float32]:
        """What the network itself answers, (D,) and of any length."""
        (vector,) = self._network.run(aligned)
        return np.asarray(vector[0], dtype=np.float32)

    def embed_symmetric(self, aligned: Image) -> Embedding:
        """The direction (D + 1,) between the embeddings of a face and of its mirror image: steadier, twice the time."""
        return between(self.embed(aligned), self.embed(mirrored(aligned)))


def lifted(vector: NDArray[np.float32], appended: float) -> Embedding:
    """The direction (D + 1,) of a network's answer (D,) with a constant as one more coordinate.

    Two such directions compare by the angle between the answers where these are long, and also by their distance: the
    score lies between the cosine (`appended` = 0) and, as the constant grows, the Euclidean distance. The cosine alone
    throws the length away, though a face of little length matches, mated and not, at lower cosines than others.
    """
    longer = np.append(vector, np.float32(appended))
    return np.asarray(longer / np.linalg.norm(longer), dtype=np.float32)


def mirrored(aligned: Image) -> Image:
    """The same face, left and right exchanged."""
    return np.ascontiguousarray(aligned[:, ::-1])


def between(one: Embedding, other: Embedding) -> Embedding:
    """The direction between two embeddings, of length 1."""
    both = one + other
    return np.asarray(both / np.linalg.norm(both), dtype=np.float32)
