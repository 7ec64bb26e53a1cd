"""A secret rotation of the embedding space, so that a stolen template compares with nothing elsewhere.

An orthogonal map keeps every cosine and hides every coordinate. Who renews the secret makes what was stolen before
worthless (renewability and unlinkability in the sense of ISO/IEC 24745; not irreversibility: who has the secret too
can turn back).
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from daemon.storage.people import Embedding
from daemon.storage.vault import derive


class Transform(Protocol):
    """An orthogonal map of embeddings, float32 (D,) or (n, D)."""

    def __call__(self, embeddings: Embedding) -> Embedding:
        """Map."""

    def inverse(self, embeddings: Embedding) -> Embedding:
        """Map back."""


TransformFactory = Callable[[bytes, int], Transform]
"""Makes the transform of a secret and the dimension D: the same for the same two, everywhere."""


class Rotation:
    """A transform by one orthogonal matrix, float32 (D, D)."""

    def __init__(self, *, matrix: Embedding) -> None:
        self._matrix = matrix

    def __call__(self, embeddings: Embedding) -> Embedding:
        return embeddings @ self._matrix.T

    def inverse(self, embeddings: Embedding) -> Embedding:
        return embeddings @ self._matrix


def rotation(secret: bytes, dimension: int) -> Rotation:
    """A matrix drawn evenly from all orthogonal ones by the secret: Q of a Gaussian matrix's QR, with R's signs moved
    into Q (Mezzadri, "How to generate random matrices from the classical compact groups", 2007).

    The normal numbers come from AES-CTR and Box-Muller rather than from NumPy's generator, whose numbers a release
    may change.
    """
    size = dimension * dimension
    keystream = Cipher(algorithms.AES(derive(secret, "auther template transform")), modes.CTR(bytes(16))).encryptor()
    words = np.frombuffer(keystream.update(bytes(16 * size)), "<u8").reshape(2, dimension, dimension)
    uniform = ((words >> 11) + 0.5) / 2**53
    normal: npt.NDArray[np.float64] = np.sqrt(-2 * np.log(uniform[0])) * np.cos(2 * np.pi * uniform[1])
    q, r = np.linalg.qr(normal)
    return Rotation(matrix=np.ascontiguousarray(q * np.sign(np.diagonal(r)), dtype=np.float32))


class Identity:
    """The transform that changes nothing."""

    def __call__(self, embeddings: Embedding) -> Embedding:
        return embeddings

    def inverse(self, embeddings: Embedding) -> Embedding:
        return embeddings


def identity(_secret: bytes, _dimension: int) -> Identity:
    """For measurements and tests: no transform at all."""
    return Identity()
