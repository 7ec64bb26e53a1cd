"""A face's way through the networks, shared by the live loop, enrolment and one-off checks."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from daemon.config.settings import QualityLimits, Vision
from daemon.types import Reason
from models.align import align
from models.detector import Face
from models.embedder import Embedding
from models.geometry import Image
from models.landmarks import Mesh
from models.moire import MoireMeter
from models.quality import Quality, assess
from models.similarity import ScoreScale
from models.suite import Suite, load_suite

# Of 3,811 LFW pictures the least is 0.977; on noise that the detector takes for a face it is about 0.0001.
MIN_PRESENCE = 0.5


@dataclass(frozen=True, eq=False)
class View:
    """One face of one frame after landmarks and quality.

    `aligned` is (112, 112, 3) uint8 BGR, `fault` the first criterion that failed.
    """

    face: Face
    mesh: Mesh
    aligned: Image
    quality: Quality
    fault: Reason | None

    @property
    def is_face(self) -> bool:
        """Whether the mesh network, too, sees a face where the detector found one."""
        return self.mesh.presence >= MIN_PRESENCE


class Networks(Protocol):
    """What enrolment and one-off checks ask of the networks; see `Recogniser`."""

    @property
    def model(self) -> str: ...

    @property
    def scale(self) -> ScoreScale: ...

    def detect(self, image: Image) -> tuple[Face, ...]: ...

    def view(self, image: Image, face: Face) -> View: ...

    def liveness(self, image: Image, face: Face) -> float: ...

    def embed(self, view: View) -> Embedding: ...

    def reference(self, view: View) -> Embedding: ...


class Recogniser:
    """Detects, measures and embeds faces; holds no state between calls and belongs to one thread.

    `observe` gets the name of each stage that has run, and the seconds it took.
    """

    def __init__(
        self, *, suite: Suite, limits: QualityLimits, observe: Callable[[str, float], None] = lambda *_: None
    ) -> None:
        self._suite = suite
        self._observe = observe
        self._limits = limits
        self._moire = MoireMeter()

    @property
    def model(self) -> str:
        """Label of the embedding network, which templates are tagged with."""
        return self._suite.embedder.label

    @property
    def scale(self) -> ScoreScale:
        return self._suite.scale

    def detect(self, image: Image) -> tuple[Face, ...]:
        """All faces of a BGR frame, largest first."""
        with self._timed("detect"):
            return self._suite.detector.detect(image)

    def view(self, image: Image, face: Face) -> View:
        """Landmarks, alignment and quality of one face."""
        with self._timed("landmarks"):
            mesh = self._suite.landmarks.locate(image, face)
        with self._timed("quality"):
            aligned = align(image, mesh)
            quality = assess(mesh, aligned)
        return View(face=face, mesh=mesh, aligned=aligned, quality=quality, fault=first_fault(quality, self._limits))

    def liveness(self, image: Image, face: Face) -> float:
        """Probability (0..1) that the presentation is bona fide."""
        with self._timed("liveness"):
            return self._suite.liveness.score(image, face.box)

    def moire(self, image: Image, face: Face) -> float | None:
        """Share (0..1) of the face's fine structure in spectral peaks; None for a frame smaller than the measure."""
        return self._moire.energy(image, face.box.centre)

    def embed(self, view: View) -> Embedding:
        """Unit vector (D,) float32."""
        with self._timed("embed"):
            return self._suite.embedder.embed(view.aligned)

    def reference(self, view: View) -> Embedding:
        """Unit vector (D,) float32 to be kept and compared with: the mean of the face's and of its mirror image's.

        It costs a second run of the network once, at enrolment, and nothing at the door.
        """
        return self._suite.embedder.embed_symmetric(view.aligned)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self._observe(stage, time.perf_counter() - started)


def load_recogniser(
    *, vision: Vision, limits: QualityLimits, observe: Callable[[str, float], None] = lambda *_: None
) -> Recogniser:
    """Load the networks that the configuration names. Raises ModelError."""
    suite = load_suite(detector=vision.detector, runtime=vision.runtime, threads=vision.threads, weights=vision.weights)
    return Recogniser(suite=suite, limits=limits, observe=observe)


def first_fault(quality: Quality, limits: QualityLimits) -> Reason | None:
    """The first criterion that a face fails, in the order in which a person would mend them; None when all hold.

    Whether a value is good is asked, not whether it is bad: a NaN fails.
    """
    frontal = (
        abs(quality.yaw_deg) <= limits.max_yaw_deg
        and abs(quality.pitch_deg) <= limits.max_pitch_deg
        and abs(quality.roll_deg) <= limits.max_roll_deg
    )
    checks = (
        (quality.size_px >= limits.min_size_px, Reason.TOO_SMALL),
        (frontal, Reason.NOT_FRONTAL),
        (quality.brightness >= limits.min_brightness, Reason.TOO_DARK),
        (quality.brightness <= limits.max_brightness, Reason.TOO_BRIGHT),
        (quality.sharpness >= limits.min_sharpness, Reason.BLURRED),
        (quality.eye_opening >= limits.min_eye_opening, Reason.EYES_CLOSED),
        (quality.eye_contrast >= limits.min_eye_contrast, Reason.EYES_COVERED),
        (quality.lip_contrast >= limits.min_lip_contrast, Reason.MOUTH_COVERED),
    )
    return next((reason for good, reason in checks if not good), None)
