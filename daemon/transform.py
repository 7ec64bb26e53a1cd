"""A secret rotation of the embedding space, so that stolen templates compare with nothing."""

from collections.abc import Callable
from typing import Protocol

from daemon.people import Embedding


class Transform(Protocol):
    """An orthogonal map: it changes every embedding and no score."""

    def __call__(self, embeddings: Embedding) -> Embedding:
        """Map float32 (D,) or (n, D)."""


TransformFactory = Callable[[bytes, int], Transform]
"""Makes the transform from the store's secret and the dimension D."""


def identity(secret: bytes, dimension: int) -> Transform:
    """The transform that changes nothing."""
    return lambda embeddings: embeddings
