#!/usr/bin/env python3
"""The same LFW pairs through this terminal, PyPI's face_recognition (dlib) and npm's @vladmandic/human, side by side.

    uv run scripts/peers.py --pairs pairs.csv --images images [--folds 1,2] [--cache DIR]

Makes an environment for each peer below the cache folder (dlib compiles for a quarter of an hour or more, once) and
prints a table in Markdown: accuracy and TAR over the same pictures, milliseconds of processor time a picture from
decoded pixels to embedding (so that a busy machine does not matter), peak memory.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from daemon.config.settings import QualityLimits, Vision
from daemon.enrolment.pictures import read_picture
from daemon.evaluation.pairs import Pair, identity_of, picture_names, read_pairs
from daemon.evaluation.samples import central_face
from daemon.evaluation.verification import comparisons, fold_accuracy
from daemon.vision.recogniser import load_recogniser

HERE = Path(__file__).resolve().parent
FARS = (1e-3, 1e-4, 1e-5)
PYTHON_PACKAGES = ("face_recognition==1.3.0", "setuptools<81")  # its models package imports pkg_resources
NODE_PACKAGES = (
    "@vladmandic/human@3.3.6",
    "@tensorflow/tfjs@4.22.0",
    "@tensorflow/tfjs-backend-wasm@4.22.0",
    "jpeg-js@0.4.4",
)


@dataclass(frozen=True, eq=False)
class Peer:
    """What one system made of the pictures: vectors by name (None: no face), ms a picture, peak memory."""

    name: str
    vectors: dict[str, NDArray[np.float32] | None]
    milliseconds: list[float]
    peak_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare with face_recognition and @vladmandic/human on LFW pairs.")
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--folds", default="1,2", help="comma-separated; all pictures of these folds are compared")
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--only", choices=("auther", "face_recognition", "human"), action="append")
    options = parser.parse_args()
    folds = {int(fold) for fold in options.folds.split(",")}
    pairs = tuple(pair for pair in read_pairs(options.pairs) if pair.fold in folds)
    names = picture_names(options.images, pairs)
    runners = {"auther": run_auther, "face_recognition": run_face_recognition, "human": run_human}
    chosen = [runners[name] for name in options.only or runners]
    print(f"{len(names)} pictures of folds {options.folds}, {len(pairs)} pairs", file=sys.stderr, flush=True)
    print("| system | no face | accuracy | " + " | ".join(f"TAR @ FAR {far:g}" for far in FARS) + " | CPU ms | MB |")
    print("|---|---|---|" + "---|" * len(FARS) + "---|---|")
    for run in chosen:
        print(row(run(names, options.images, options.cache), pairs), flush=True)


def default_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "auther-peers"


def run_auther(names: tuple[str, ...], images: Path, _cache: Path) -> Peer:
    """The probe's way: no averaging with the mirror image, on either side, as the peers do not average either."""
    cv2.setNumThreads(1)
    recogniser = load_recogniser(vision=Vision(), limits=QualityLimits())
    vectors: dict[str, NDArray[np.float32] | None] = {}
    milliseconds = []
    for name in names:
        image = read_picture(images / name)
        start = time.process_time()
        faces = recogniser.detect(image)
        vectors[name] = recogniser.embed(recogniser.view(image, central_face(image, faces))) if faces else None
        milliseconds.append((time.process_time() - start) * 1000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Peer("Auther Embedded", vectors, milliseconds, peak)


def run_face_recognition(names: tuple[str, ...], images: Path, cache: Path) -> Peer:
    environment = cache / "face_recognition"
    python = environment / "bin" / "python"
    # Looked for by the package, not the folder: an installation that was stopped leaves the folder behind.
    if not any(environment.glob("lib/python*/site-packages/face_recognition")):
        uv = shutil.which("uv") or sys.exit("peers: uv is missing; install it with: pip install uv")
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run([uv, "venv", "--clear", "--python", "3.11", str(environment)], check=True)
        subprocess.run([uv, "pip", "install", "--python", str(python), *PYTHON_PACKAGES], check=True)
    command = [str(python), "-W", "ignore", str(HERE / "peers_face_recognition.py"), str(images.resolve())]
    return run_peer("face_recognition 1.3.0 (dlib)", command, names, environment)


def run_human(names: tuple[str, ...], images: Path, cache: Path) -> Peer:
    environment = cache / "human"
    if not (environment / "node_modules" / "@vladmandic").exists():
        environment.mkdir(parents=True, exist_ok=True)
        npm = shutil.which("npm") or sys.exit("peers: npm is missing; install Node.js with npm")
        subprocess.run([npm, "install", "--ignore-scripts", "--no-audit", *NODE_PACKAGES], check=True, cwd=environment)
    command = ["node", str(HERE / "peers_human.mjs"), str(images.resolve())]
    return run_peer("@vladmandic/human 3.3.6 (wasm)", command, names, environment)


def run_peer(name: str, command: list[str], names: tuple[str, ...], folder: Path) -> Peer:
    """Start a peer's own program in its environment and read the JSON lines that it prints."""
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        command,
        input="\n".join(names),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=folder,
        env=os.environ | threads,
    )
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    pictures = [row for row in rows if "name" in row]
    vectors = {row["name"]: None if row["vector"] is None else np.float32(row["vector"]) for row in pictures}
    return Peer(
        name, vectors, [row["ms"] for row in pictures], next(row["peak_mb"] for row in rows if "peak_mb" in row)
    )


def row(peer: Peer, pairs: tuple[Pair, ...]) -> str:
    """Scores are minus the Euclidean distance, which both peers' own documentation compares by.

    For our unit vectors it orders as the cosine does. A pair with a picture that gave no face is no match.
    """
    vectors = peer.vectors
    worst = -1e3
    scores = np.array([distance_score(vectors[pair.reference], vectors[pair.probe], worst) for pair in pairs])
    accuracy = fold_accuracy(
        scores=scores.astype(np.float32),
        mated=np.array([pair.mated for pair in pairs]),
        folds=[pair.fold for pair in pairs],
    )
    found = sorted(name for name, vector in vectors.items() if vector is not None)
    everything = all_against_all(np.stack([vectors[name] for name in found if vectors[name] is not None]))
    identities = np.array([identity_of(name) for name in found])
    first, second = np.triu_indices(len(found), 1)
    mated = identities[first] == identities[second]
    tested = comparisons(mated=everything[mated], non_mated=everything[~mated])
    cells = [
        peer.name,
        f"{len(vectors) - len(found)} of {len(vectors)}",
        f"{accuracy.mean:.2%}",
        *(f"{tested.tar(far):.3f}" for far in FARS),
        f"{np.median(peer.milliseconds):.0f}",
        f"{peer.peak_mb:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def distance_score(one: NDArray[np.float32] | None, other: NDArray[np.float32] | None, worst: float) -> float:
    return worst if one is None or other is None else -float(np.linalg.norm(one - other))


def all_against_all(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Minus the distance of each pair of rows, the upper triangle as (n × (n - 1) / 2,)."""
    squares = (vectors**2).sum(axis=1)
    squared = squares[:, np.newaxis] + squares[np.newaxis] - 2 * vectors @ vectors.T
    return np.asarray(-np.sqrt(np.maximum(squared[np.triu_indices(len(vectors), 1)], 0)), dtype=np.float32)


if __name__ == "__main__":
    main()
