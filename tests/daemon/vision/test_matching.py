"""One-off checks where the network answers no numbers; with the real one they are tested through the API."""

from pathlib import Path

import numpy as np
import pytest

from daemon.errors import EnrolmentError
from daemon.gallery.keeper import GalleryKeeper
from daemon.vision.matching import Matcher
from models.embedder import Embedding
from models.geometry import Image
from models.manifest import load_manifest
from models.similarity import ScoreScale
from tests.daemon.stores import MODEL, open_store, template, vector

PICTURE = np.zeros((1, 1, 3), np.uint8)


class Broken:
    scale = ScoreScale(load_manifest().embedder.similarity)

    def probe(self, image: Image) -> Embedding | None:
        return np.full_like(vector(1), np.nan)


@pytest.fixture
def matcher(tmp_path: Path) -> Matcher:
    store = open_store(tmp_path)
    gallery = GalleryKeeper(store=store, model=MODEL)
    gallery.enrol("ada", [template(1)], replace=False)
    return Matcher(networks=Broken(), gallery=gallery, store=store)


def test_no_numbers_match_nobody(matcher: Matcher) -> None:
    assert matcher.identify(PICTURE, at_least=0.0, name="source") is None
    with pytest.raises(EnrolmentError, match="does not match"):
        matcher.verify("ada", PICTURE, at_least=50.0, name="source")


def test_no_numbers_are_not_alike(matcher: Matcher) -> None:
    assert matcher.compare(PICTURE, PICTURE, names=("source", "target")) == 0.0
