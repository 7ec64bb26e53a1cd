"""All the networks of a terminal, loaded once and verified."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.detector import BlazeFaceDetector, Detector
from models.embedder import Embedder
from models.errors import ModelError
from models.landmarks import LandmarkModel
from models.liveness import LivenessModel, LivenessNetwork
from models.manifest import INSTALLED_WEIGHTS, NetworkSpec, load_manifest, read_weights
from models.runtime import Network, Runtime
from models.similarity import ScoreScale

DetectorName = Literal["blazeface", "mediapipe"]


@dataclass(frozen=True)
class Suite:
    """The networks that a frame passes, each belonging to the one vision thread, and the score scale."""

    detector: Detector
    landmarks: LandmarkModel
    liveness: LivenessModel
    embedder: Embedder
    scale: ScoreScale


def load_suite(
    *,
    detector: DetectorName = "blazeface",
    runtime: Runtime = "litert",
    threads: int = 1,
    weights: Path | None = None,
) -> Suite:
    """Load every network of the manifest. Raises ModelError naming the file or package that is wrong."""
    folder = weights or INSTALLED_WEIGHTS
    manifest = load_manifest(folder)

    def network(spec: NetworkSpec) -> Network:
        return Network(spec=spec, content=read_weights(folder, spec), runtime=runtime, threads=threads)

    return Suite(
        detector=(
            BlazeFaceDetector(network=network(manifest.detector))
            if detector == "blazeface"
            else _mediapipe_detector(read_weights(folder, manifest.detector))
        ),
        landmarks=LandmarkModel(network=network(manifest.landmarks)),
        liveness=LivenessModel(
            networks=[LivenessNetwork(spec=spec, network=network(spec)) for spec in manifest.liveness]
        ),
        embedder=Embedder(network=network(manifest.embedder), spec=manifest.embedder),
        scale=ScoreScale(manifest.embedder.similarity),
    )


def _mediapipe_detector(content: bytes) -> Detector:
    # Imported only when chosen: the package is an extra, and importing it costs a second and 100 MB.
    try:
        module = importlib.import_module("models.mediapipe_detector")
    except ImportError as error:
        raise ModelError(
            f'vision.detector = "mediapipe" needs the package mediapipe ({error}); '
            "install auther-embedded[mediapipe] or set blazeface"
        ) from error
    detector: Detector = module.MediaPipeDetector(content=content)
    return detector
