"""Fixtures of the networks' own tests."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.align import align
from models.embedder import Embedding
from models.geometry import Image
from models.landmarks import Mesh
from models.suite import Suite


@pytest.fixture(scope="session")
def mesh_of(suite: Suite) -> Callable[[Image], Mesh]:
    """The mesh of the largest face."""
    return lambda image: suite.landmarks.locate(image, suite.detector.detect(image)[0])


@pytest.fixture(scope="session")
def embedding_of(suite: Suite, mesh_of: Callable[[Image], Mesh]) -> Callable[[Image], Embedding]:
    """The embedding of the largest face."""
    return lambda image: suite.embedder.embed(align(image, mesh_of(image)))


@pytest.fixture(scope="session")
def press_photographs(data: Path) -> list[Image]:
    """300 of the LFW pictures, spread over the alphabet; only for tests marked `needs_data`."""
    files = sorted((data / "lfw_dev" / "images").glob("*/*.jpg"))
    images = []
    for file in files[:: len(files) // 300][:300]:
        image = cv2.imread(str(file))
        assert image is not None
        image.flags.writeable = False
        images.append(np.asarray(image, dtype=np.uint8))
    assert len(images) == 300
    return images
