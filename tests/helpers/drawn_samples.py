"""Samples drawn at random, in place of pictures: identities as clusters on the unit sphere."""

import numpy as np

from daemon.evaluation.pairs import Pair
from daemon.evaluation.samples import Acquisition, Missed, Sample
from tests.helpers.qualities import GOOD


def drawn_samples(*, people: int = 60, pictures: int = 3, spread: float = 0.9, seed: int = 0) -> tuple[Sample, ...]:
    random = np.random.default_rng(seed)
    samples = []
    for person in range(people):
        centre = random.normal(size=64)
        for picture in range(pictures):
            vector = centre + spread * random.normal(size=64)
            vector = np.float32(vector / np.linalg.norm(vector))
            samples.append(Sample(f"p{person}/{picture}.jpg", GOOD, None, reference=vector, probe=vector))
    return tuple(samples)


def drawn_acquisition(*, missed: tuple[Missed, ...] = ()) -> Acquisition:
    return Acquisition(samples=drawn_samples(), missed=missed)


def drawn_pairs() -> tuple[Pair, ...]:
    mated = [Pair(person % 3, True, f"p{person}/0.jpg", f"p{person}/1.jpg") for person in range(60)]
    others = [Pair(person % 3, False, f"p{person}/0.jpg", f"p{person + 1}/1.jpg") for person in range(59)]
    return (*mated, *others)
