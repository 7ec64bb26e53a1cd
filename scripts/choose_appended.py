#!/usr/bin/env python3
"""Chooses `appended` of the manifest's embedder from labelled pictures, and tells how well the choice carries over.

    uv run scripts/choose_appended.py --pairs pairs.csv --images images

A table of the error rates by constant over all pictures; then, for each of `--splits` random halvings of the people,
the constant that is best on one half, tried on the other half, which has none of its people.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from daemon.config.settings import QualityLimits
from daemon.enrolment.pictures import read_picture
from daemon.evaluation.pairs import identity_of, picture_names, read_pairs
from daemon.evaluation.samples import central_face
from daemon.evaluation.verification import Comparisons, comparisons
from daemon.vision.recogniser import Recogniser
from models.embedder import between, lifted, mirrored
from models.suite import load_suite

CONSTANTS = (0.0, 0.5, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
FARS = (1e-3, 1e-4, 1e-5, 1e-6)
# The rate that the constant is chosen by.
FAR = 1e-5


@dataclass(frozen=True, eq=False)
class Answers:
    """What the network answers to each picture and to its mirror image, (n, D), and whose pictures they are, (n,)."""

    plain: NDArray[np.float32]
    mirrored: NDArray[np.float32]
    people: NDArray[np.intp]

    def scores(self, appended: float) -> NDArray[np.float32]:
        """Each picture as a reference against each as a probe, (n, n)."""
        probes = np.stack([lifted(vector, appended) for vector in self.plain])
        others = np.stack([lifted(vector, appended) for vector in self.mirrored])
        references = np.stack([between(one, other) for one, other in zip(probes, others, strict=True)])
        return np.asarray(references @ probes.T, dtype=np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description="Choose the embedder's appended constant.")
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--splits", type=int, default=20)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    answers = ask(picture_names(options.images, read_pairs(options.pairs)), options.images)
    by_constant = {constant: answers.scores(constant) for constant in CONSTANTS}
    everybody = np.arange(answers.people.size)
    print("appended " + " ".join(f"TAR@{far:g}" for far in FARS))
    for constant, scores in by_constant.items():
        tested = compared(scores, answers.people, everybody)
        print(f"{constant:<8g} " + " ".join(f"{tested.tar(far):<9.4f}" for far in FARS).rstrip())
    print("\n".join(carried_over(by_constant, answers.people, options.splits)))


def ask(names: Sequence[str], images: Path) -> Answers:
    """Run every picture through the shipped path, up to the network's own answer."""
    suite = load_suite()
    recogniser = Recogniser(suite=suite, limits=QualityLimits())
    plain, other, people = [], [], []
    for name in names:
        image = read_picture(images / name)
        faces = recogniser.detect(image)
        if faces:
            aligned = recogniser.view(image, central_face(image, faces)).aligned
            plain.append(suite.embedder.answer(aligned))
            other.append(suite.embedder.answer(mirrored(aligned)))
            people.append(identity_of(name))
    return Answers(np.stack(plain), np.stack(other), np.unique(people, return_inverse=True)[1])


def compared(scores: NDArray[np.float32], people: NDArray[np.intp], chosen: NDArray[np.intp]) -> Comparisons:
    """The comparisons of the chosen pictures with each other, each pair once."""
    first, second = np.triu_indices(chosen.size, 1)
    values = scores[chosen[first], chosen[second]]
    mated = people[chosen[first]] == people[chosen[second]]
    return comparisons(mated=values[mated], non_mated=values[~mated])


def carried_over(by_constant: dict[float, NDArray[np.float32]], people: NDArray[np.intp], splits: int) -> list[str]:
    """What the constant that is best for one half of the people does for the other half, against none."""
    chosen, gains = [], []
    for seed in range(splits):
        half = np.random.default_rng(seed).permutation(people.max() + 1)[people] % 2
        for side in (0, 1):
            own, other = np.flatnonzero(half == side), np.flatnonzero(half != side)
            best = max(by_constant, key=lambda constant: compared(by_constant[constant], people, own).tar(FAR))
            tried, without = (compared(by_constant[constant], people, other).tar(FAR) for constant in (best, 0.0))
            chosen.append(best)
            gains.append(tried - without)
    counts = ", ".join(f"{constant:g}: {chosen.count(constant)}" for constant in sorted(set(chosen)))
    return [
        f"best on one half of the people, by how many of {len(chosen)} halves: {counts}",
        f"TAR@{FAR:g} that it adds on the other half: {np.mean(gains):+.4f} in the mean, {np.min(gains):+.4f} at least",
    ]


if __name__ == "__main__":
    main()
