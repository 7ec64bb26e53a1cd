"""The networks as every other thread sees them: each call waits for its turn on the vision thread."""

from collections.abc import Generator
from dataclasses import replace
from functools import partial

from daemon.vision.jobs import VisionJobs
from daemon.vision.recogniser import Recogniser, View
from models.detector import Face
from models.embedder import Embedding, between, mirrored
from models.geometry import Image
from models.similarity import ScoreScale


class SharedNetworks:
    """As `Recogniser`, from any thread; one job a network. Each call raises Busy, and Unavailable after `timeout` s."""

    def __init__(self, *, jobs: VisionJobs, model: str, scale: ScoreScale, timeout: float = 10.0) -> None:
        self._jobs = jobs
        self._model = model
        self._scale = scale
        self._timeout = timeout

    @property
    def model(self) -> str:
        return self._model

    @property
    def scale(self) -> ScoreScale:
        return self._scale

    def detect(self, image: Image) -> tuple[Face, ...]:
        return self._jobs.run(lambda networks: networks.detect(image), timeout=self._timeout)

    def view(self, image: Image, face: Face) -> View:
        return self._jobs.run(lambda networks: networks.view(image, face), timeout=self._timeout)

    def liveness(self, image: Image, face: Face) -> float:
        return self._jobs.run(lambda networks: networks.liveness(image, face), timeout=self._timeout)

    def embed(self, view: View) -> Embedding:
        return self._jobs.run(lambda networks: networks.embed(view), timeout=self._timeout)

    def probe(self, image: Image) -> Embedding | None:
        """The embedding of the largest face, float32 (D,); None where there is none."""
        return self._jobs.run_steps(partial(_probe, image), timeout=self._timeout)

    def reference(self, view: View) -> Embedding:
        # Two jobs: a frame may come between the two runs of the network.
        return between(self.embed(view), self.embed(replace(view, aligned=mirrored(view.aligned))))


def _probe(image: Image, networks: Recogniser) -> Generator[None, None, Embedding | None]:
    faces = networks.detect(image)
    if not faces:
        return None
    yield
    view = networks.view(image, faces[0])
    if not view.is_face:
        return None
    yield
    return networks.embed(view)
