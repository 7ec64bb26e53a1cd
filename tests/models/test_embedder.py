from collections.abc import Callable

import numpy as np
import pytest

from models.embedder import Embedding, lifted
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
        assert embedding.shape == (513,)
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


def test_nothing_appended_is_the_cosine() -> None:
    one, other = np.float32([3, 4]), np.float32([40, 30])
    assert lifted(one, 0.0) @ lifted(other, 0.0) == pytest.approx(0.96)
    assert lifted(one, 0.0)[-1] == 0


def test_of_the_same_angle_the_shorter_answers_score_higher() -> None:
    """As the error rates by `scripts/choose_appended.py` ask for."""
    one, other = np.float32([1, 0]), np.float32([0.6, 0.8])

    def score(length: float) -> float:
        return float(lifted(length * one, 1.5) @ lifted(length * other, 1.5))

    assert 0.6 < score(5) < score(3) < score(2) < 1


def test_answers_far_apart_in_length_score_lower_than_their_angle() -> None:
    one = np.float32([1, 0])
    assert lifted(4 * one, 1.5) @ lifted(4 * one, 1.5) == pytest.approx(1)
    assert lifted(4 * one, 1.5) @ lifted(0.5 * one, 1.5) < 0.7
