"""Pictures on their way through the shipped path, from detector to embedding, each once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from daemon.enrolment.pictures import read_picture
from daemon.evaluation.pairs import identity_of
from daemon.types import Reason
from daemon.vision.recogniser import Recogniser
from models.detector import Face
from models.embedder import Embedding
from models.geometry import Image
from models.quality import Quality

ReadPicture = Callable[[Path], Image]


@dataclass(frozen=True, eq=False)
class Sample:
    """One acquired picture: `reference` as enrolment makes it, `probe` as a door sees it, both (D,) unit vectors."""

    name: str
    quality: Quality
    fault: Reason | None
    reference: Embedding
    probe: Embedding

    @property
    def identity(self) -> str:
        return identity_of(self.name)


@dataclass(frozen=True)
class Missed:
    """A picture that gave no sample: `reason` is a quality criterion, None where no face was found."""

    name: str
    reason: Reason | None


@dataclass(frozen=True, eq=False)
class Acquisition:
    """What became of the pictures of an evaluation."""

    samples: tuple[Sample, ...]
    missed: tuple[Missed, ...]

    @property
    def failure_to_acquire(self) -> float:
        """FTA (ISO/IEC 19795-1): the share of pictures without a sample."""
        return len(self.missed) / (len(self.samples) + len(self.missed))


def acquire(
    names: Iterable[str], *, folder: Path, recogniser: Recogniser, gate: bool, read: ReadPicture = read_picture
) -> Acquisition:
    """Embed every picture. With `gate`, those that fail the quality criteria are missed. Raises PictureError."""
    samples: list[Sample] = []
    missed: list[Missed] = []
    for name in names:
        found = _sample(name, read(folder / name), recogniser=recogniser, gate=gate)
        if isinstance(found, Sample):
            samples.append(found)
        else:
            missed.append(found)
    return Acquisition(samples=tuple(samples), missed=tuple(missed))


def central_face(image: Image, faces: tuple[Face, ...]) -> Face:
    """The face nearest the middle: the one that a data set's picture was cut around."""
    height, width = image.shape[:2]
    return min(faces, key=lambda face: np.hypot(face.box.centre[0] - width / 2, face.box.centre[1] - height / 2))


def _sample(name: str, image: Image, *, recogniser: Recogniser, gate: bool) -> Sample | Missed:
    faces = recogniser.detect(image)
    if not faces:
        return Missed(name, None)
    view = recogniser.view(image, central_face(image, faces))
    if gate and view.fault is not None:
        return Missed(name, view.fault)
    return Sample(
        name=name,
        quality=view.quality,
        fault=view.fault,
        reference=recogniser.reference(view),
        probe=recogniser.embed(view),
    )
