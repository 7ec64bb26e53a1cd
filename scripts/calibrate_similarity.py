#!/usr/bin/env python3
"""Makes the `similarity` points of models/weights/manifest.toml from labelled pictures.

    uv run scripts/calibrate_similarity.py --pairs pairs.csv --images images [--check]

The points are measured over all non-mated comparisons with the shipped path, references averaged with their mirror
image as at enrolment. Rates that the pictures are too few for are extrapolated by the slope of the last decade; the
lines say so. `--check` compares with the manifest and fails when a score is off by more than `--tolerance`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2

from daemon.config.settings import QualityLimits, Vision
from daemon.evaluation.errors import EvaluationError
from daemon.evaluation.pairs import picture_names, read_pairs
from daemon.evaluation.recognition import all_against_all
from daemon.evaluation.samples import acquire
from daemon.evaluation.scale import Point, manifest_lines, scale_points
from daemon.evaluation.verification import comparisons
from daemon.vision.recogniser import load_recogniser
from models.manifest import INSTALLED_WEIGHTS, ScorePoint, load_manifest


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Make or check the manifest's similarity points.")
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=INSTALLED_WEIGHTS)
    parser.add_argument("--check", action="store_true", help="compare with the manifest instead of printing")
    parser.add_argument("--tolerance", type=float, default=0.005, help="largest difference in score [%(default)s]")
    options = parser.parse_args(argv)
    cv2.setNumThreads(1)
    try:
        points = measure(options.pairs, options.images, options.weights)
    except (EvaluationError, ValueError) as error:
        print(f"calibrate_similarity: {error}", file=sys.stderr)
        return 2
    print(manifest_lines(points))
    if not options.check:
        return 0
    wrong = differences(points, load_manifest(options.weights).embedder.similarity, tolerance=options.tolerance)
    print("\n".join(wrong) or "the manifest holds these points", file=sys.stderr)
    return 1 if wrong else 0


def measure(pairs: Path, images: Path, weights: Path) -> tuple[Point, ...]:
    recogniser = load_recogniser(vision=Vision(weights=weights), limits=QualityLimits())
    names = picture_names(images, read_pairs(pairs))
    acquired = acquire(names, folder=images, recogniser=recogniser, gate=False)
    everything = all_against_all(acquired.samples)
    scores, mated = everything.scores, everything.mated
    return scale_points(comparisons(mated=scores[mated], non_mated=scores[~mated]))


def differences(points: Sequence[Point], installed: Sequence[ScorePoint], *, tolerance: float) -> list[str]:
    """What is wrong with the installed points, a line each; the extrapolated rate at score 1 may be off by a decade."""
    if [point.similarity for point in points] != [point.similarity for point in installed]:
        return ["the manifest has points at other similarities"]
    return [
        f"similarity {new.similarity:g}: score {new.score:.4f} measured, {old.score:.4f} in the manifest"
        for new, old in zip(points, installed, strict=True)
        if abs(new.score - old.score) > tolerance or not 0.1 <= new.fmr / old.fmr <= 10
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
