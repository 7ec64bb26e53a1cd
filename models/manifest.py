"""The manifest of the weights: which file is which network, what it eats and where it comes from."""

import hashlib
import sys
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import ModelError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

INSTALLED_WEIGHTS = Path(__file__).parent / "weights"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InputSpec(_Entry):
    """What an input tensor holds: value = (pixel - mean) / std, pixels 0..255, in batch, height, width, channels."""

    shape: tuple[Literal[1], int, int, Literal[3]]
    colour: Literal["rgb", "bgr"]
    mean: float
    std: Annotated[float, Field(gt=0)]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, as OpenCV orders them."""
        return self.shape[2], self.shape[1]


class CropSpec(_Entry):
    """How the network's input is cut out of the frame; `scale` is relative to the detector's box."""

    kind: Literal["letterbox", "level", "arcface", "box"]
    scale: Annotated[float, Field(gt=0)] = 1.0


class NetworkSpec(_Entry):
    """One network: its file and everything the code must know to feed it."""

    id: str
    version: str
    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+\.tflite$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    licence: str
    origin: str
    input: InputSpec
    outputs: tuple[str, ...]
    crop: CropSpec

    @property
    def label(self) -> str:
        """Name and version, as templates are tagged with."""
        return f"{self.id}/{self.version}"


class LivenessSpec(NetworkSpec):
    """A presentation attack detection network: which class is bona fide, and whether the output needs a softmax."""

    live_index: Annotated[int, Field(ge=0)]
    softmax: bool


class ScorePoint(_Entry):
    """One point of the score scale: a cosine, the similarity that a person reads, the false-match rate there."""

    score: float
    similarity: float
    fmr: float


class EmbedderSpec(NetworkSpec):
    """The embedding network with its calibrated score scale, points in rising order of score.

    `appended` is one more coordinate of each embedding, before it is brought to length 1; see `embedder.lifted`.
    """

    appended: Annotated[float, Field(ge=0)]
    similarity: Annotated[tuple[ScorePoint, ...], Field(min_length=2)]

    @property
    def label(self) -> str:
        """As of every network, and what is appended: templates made with another constant do not compare."""
        return f"{super().label}+{self.appended:g}"


class Manifest(_Entry):
    """All the networks of a terminal, one of a kind; liveness networks are averaged."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    detector: NetworkSpec
    landmarks: NetworkSpec
    embedder: EmbedderSpec
    liveness: Annotated[tuple[LivenessSpec, ...], Field(min_length=1)]

    @property
    def networks(self) -> tuple[NetworkSpec, ...]:
        return (self.detector, self.landmarks, self.embedder, *self.liveness)


def load_manifest(folder: Path = INSTALLED_WEIGHTS) -> Manifest:
    """Read `manifest.toml` of a weights folder. Raises ModelError naming the file and the entry that is wrong."""
    path = folder / "manifest.toml"
    try:
        return Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ModelError(f"{path}: can't be read ({error.strerror}); reinstall, or mend vision.weights") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, p['loc']))}: {p['msg']}" for p in error.errors())
        raise ModelError(f"{path}: {problems}") from None


def read_weights(folder: Path, spec: NetworkSpec) -> bytes:
    """The bytes of a network, only if they are the ones that the manifest names. Raises ModelError.

    The bytes that were hashed are the bytes that are returned, so a file swapped in between is never run.
    """
    path = folder / spec.file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: can't be read ({error.strerror}); reinstall the package") from error
    found = hashlib.sha256(content).hexdigest()
    if found != spec.sha256:
        raise ModelError(
            f"{path}: SHA-256 is {found}, the manifest expects {spec.sha256}: the file is damaged or changed; reinstall"
        )
    return content
