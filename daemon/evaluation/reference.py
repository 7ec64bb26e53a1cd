"""Networks to be compared with: minivision's Silent-Face-Anti-Spoofing pair, where its files are given."""

from pathlib import Path

from daemon.evaluation.errors import EvaluationError
from daemon.evaluation.judge import Score
from models.liveness import LivenessModel, LivenessNetwork
from models.manifest import CropSpec, InputSpec, LivenessSpec
from models.runtime import Network

# File, and scale of the crop around the face's box.
PAIR = (
    ("2.7_80x80_MiniFASNetV2.tflite", 2.7),
    ("4_0_0_80x80_MiniFASNetV1SE.tflite", 4.0),
)
OUTPUTS = ("PartitionedCall:0",)
NAME = "reference"


def load_reference(folder: Path) -> Score:
    """The mean probability of the pair. Raises EvaluationError for a missing file, ModelError for a broken one."""
    model = LivenessModel(networks=[_network(folder, file, scale) for file, scale in PAIR])
    return lambda image, face: model.score(image, face.box)


def _network(folder: Path, file: str, scale: float) -> LivenessNetwork:
    try:
        content = (folder / file).read_bytes()
    except OSError as error:
        raise EvaluationError(
            f"{folder / file}: can't be read ({error.strerror}); --reference holds both files"
        ) from None
    spec = LivenessSpec(
        id=Path(file).stem,
        version="1",
        file=file,
        sha256="0" * 64,
        licence="Apache-2.0",
        origin="minivision-ai/Silent-Face-Anti-Spoofing",
        input=InputSpec(shape=(1, 80, 80, 3), colour="bgr", mean=0.0, std=1.0),
        outputs=OUTPUTS,
        crop=CropSpec(kind="box", scale=scale),
        live_index=1,
        softmax=True,
    )
    return LivenessNetwork(spec=spec, network=Network(spec=spec, content=content))
