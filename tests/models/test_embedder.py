from collections.abc import Callable

import numpy as np
import pytest

from models.embedder import Embedding
from models.geometry import Image
from models.suite import Suite
from tests.helpers import variants

EmbeddingOf = Callable[[Image], Embedding]

AUGMENTATIONS: list[Callable[[Image], Image]] = [
    lambda image: variants.lit(image, 0.5),
    lambda image: variants.lit(image, 1.3, 20),
    lambda image: variants.blurred(image, 2),
    lambda image: variants.scaled(image, 0.7),
    lambda image: variants.turned(image, 20, (256, 200)),
    lambda image: variants.moved(image, 60, 40),
    variants.mirrored,
]


def test_an_embedding_has_length_one(embedding_of: EmbeddingOf, grace: Image, astronaut: Image) -> None:
    for image in (grace, astronaut):
        embedding = embedding_of(image)
        assert embedding.shape == (512,)
        assert embedding.dtype == np.float32
        assert np.linalg.norm(embedding) == pytest.approx(1, abs=1e-5)


def test_the_same_face_gives_the_same_embedding(embedding_of: EmbeddingOf, grace: Image) -> None:
    np.testing.assert_array_equal(embedding_of(grace), embedding_of(grace))


def test_a_person_resembles_themselves_more_than_another(
    suite: Suite, embedding_of: EmbeddingOf, grace: Image, astronaut: Image
) -> None:
    people = {"grace": grace, "eileen": variants.scaled(astronaut, 1.5)}
    embeddings = {name: embedding_of(image) for name, image in people.items()}
    matched, false_match = suite.scale.score_at_fmr(1e-6), suite.scale.score_at_fmr(1e-2)
    assert embeddings["grace"] @ embeddings["eileen"] < false_match
    for name, image in people.items():
        other = "eileen" if name == "grace" else "grace"
        for augment in AUGMENTATIONS:
            probe = embedding_of(augment(image))
            assert probe @ embeddings[name] > matched
            assert probe @ embeddings[other] < false_match


def test_a_symmetric_embedding_is_the_same_for_the_mirror_image(suite: Suite, grace: Image) -> None:
    aligned = np.ascontiguousarray(grace[150:262, 200:312])
    one = suite.embedder.embed_symmetric(aligned)
    other = suite.embedder.embed_symmetric(np.ascontiguousarray(aligned[:, ::-1]))
    np.testing.assert_allclose(one, other, atol=1e-6)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
