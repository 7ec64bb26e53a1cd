"""The networks, their weights and what they run on."""

import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from daemon.config.settings import Settings
from daemon.doctor.finding import Finding, fine, problem
from daemon.vision.recogniser import load_recogniser
from models.errors import ModelError
from models.manifest import INSTALLED_WEIGHTS, load_manifest, read_weights

PACKAGES = {"litert": "ai-edge-litert", "tflite": "tflite-runtime"}


def look_at_vision(settings: Settings, *, clock: Callable[[], float] = time.perf_counter) -> Iterator[Finding]:
    """Check every hash, load every network, and time detection once. Raises ModelError."""
    folder = settings.vision.weights or INSTALLED_WEIGHTS
    networks = load_manifest(folder).networks
    wrong = 0
    for spec in networks:
        try:
            read_weights(folder, spec)
        except ModelError as error:
            wrong += 1
            yield problem("weights", str(error))
    if wrong:
        return
    yield fine("weights", f"{len(networks)} networks, each as its SHA-256 in the manifest says")
    recogniser = load_recogniser(vision=settings.vision, limits=settings.quality)
    grey = np.full((480, 640, 3), 128, np.uint8)
    recogniser.detect(grey)
    started = clock()
    recogniser.detect(grey)
    package = PACKAGES[settings.vision.runtime]
    yield fine("runtime", f"{package} {_version(package)}, detection in {(clock() - started) * 1000:.1f} ms")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed as a package)"
