"""The way of a frame: time a stage, memory and start-up, beside MediaPipe's detection in the same run.

Every frame walks the whole way: the faces are strangers to the gallery, whose tracks are never settled. Memory and
start-up are those of a real terminal in a process of its own, which plays the same frames as a camera.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import cv2
import matplotlib
import numpy as np
import psutil
from numpy.typing import NDArray

from daemon import app
from daemon.config.settings import Liveness, QualityLimits, Settings, parse
from daemon.gallery.keeper import GalleryKeeper
from daemon.service_manager import ServiceManager
from daemon.storage.masterkey import GivenKey
from daemon.storage.people import NewTemplate
from daemon.storage.store import Store
from daemon.storage.vault import Vault
from daemon.supervision import Supervisor
from daemon.threads import compute_alone
from daemon.types import Decision, Observation, Prompt
from daemon.vision.loop import VisionLoop
from daemon.vision.policy import AccessPolicy
from daemon.vision.recogniser import Recogniser, View
from daemon.vision.tracker import Tracker
from hw.camera import Frame
from models.detector import Detector, Face
from models.embedder import Embedding
from models.geometry import Image
from models.landmarks import LandmarkModel, Mesh
from models.suite import Suite, load_suite

ROOT = Path(__file__).parent.parent
RECORDING = Path("pad_dev") / "full" / "live_01.mp4"
PEOPLE = 100
WARM_UP = 10
INTERVAL = 1 / 30
SILENT = {"TF_CPP_MIN_LOG_LEVEL": "3", "GLOG_minloglevel": "3"}

NOBODY = "nobody there"
# What each figure is to be held against; the milliseconds are those measured when the networks were chosen.
COMPARISON = {
    "landmarks": "aim: at most 2.5 ms; 1.6 when the network was chosen",
    "align and quality": "",
    "moire": "",
    "liveness": "aim: at most 4 ms; 3 when the network was chosen",
    "embed": "aim: at most 3.5 ms; 2.6 when the network was chosen, 5.2 as float32",
    "track, match and policy": f"{PEOPLE} people enrolled",
    "total": "aim: at most 14 ms",
    NOBODY: "aim: at most 3 ms; the same frames, blurred beyond any face",
}

Result = TypeVar("Result")
# On the wall, and of the processor.
Seconds = NDArray[np.float64]


@dataclass(frozen=True)
class Timing:
    """Of one stage over all frames, in milliseconds; `cpu_ms` is the median of the time that the processor gave it.

    On a machine that has other work too, that one tells what an idle machine would need.
    """

    median_ms: float
    p99_ms: float
    cpu_ms: float


@dataclass(frozen=True)
class Process:
    """A terminal of its own: seconds (and those of the processor) to the first processed frame; memory in the end."""

    start_up_seconds: float
    start_up_cpu_seconds: float
    resident_mb: float
    peak_mb: float


@dataclass(frozen=True)
class Report:
    """All figures of one run."""

    source: str
    frames: int
    stages: dict[str, Timing]
    mediapipe: Timing | None
    process: Process


class Stopwatch:
    """Seconds on the wall and of the processor, by stage; each stage's list has one entry a frame."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[Seconds]] = defaultdict(list)

    def time(self, stage: str, call: Callable[[], Result]) -> Result:
        wall, cpu = time.perf_counter(), time.process_time()
        result = call()
        self.seconds[stage].append(np.array([time.perf_counter() - wall, time.process_time() - cpu]))
        return result

    def keep(self, frames: int) -> None:
        """Forget what came after so many frames."""
        for seconds in self.seconds.values():
            del seconds[frames:]

    def timing(self, stage: str) -> Timing:
        wall, cpu = 1000 * np.array(self.seconds[stage]).T
        return Timing(float(np.median(wall)), float(np.percentile(wall, 99)), float(np.median(cpu)))


class TimedLandmarks(LandmarkModel):
    """The landmarks with a stopwatch."""

    def __init__(self, *, model: LandmarkModel, watch: Stopwatch) -> None:
        self._model, self._watch = model, watch

    def locate(self, image: Image, face: Face) -> Mesh:
        return self._watch.time("landmarks", lambda: self._model.locate(image, face))


class TimedRecogniser(Recogniser):
    """A recogniser with a stopwatch."""

    def __init__(self, *, suite: Suite, watch: Stopwatch) -> None:
        landmarks = TimedLandmarks(model=suite.landmarks, watch=watch)
        timed = Suite(suite.detector, landmarks, suite.liveness, suite.embedder, suite.scale)
        super().__init__(suite=timed, limits=QualityLimits(min_size_px=20))
        self._watch = watch

    def detect(self, image: Image) -> tuple[Face, ...]:
        return self._watch.time("detect", lambda: super(TimedRecogniser, self).detect(image))

    def view(self, image: Image, face: Face) -> View:
        return self._watch.time("view", lambda: super(TimedRecogniser, self).view(image, face))

    def liveness(self, image: Image, face: Face) -> float:
        return self._watch.time("liveness", lambda: super(TimedRecogniser, self).liveness(image, face))

    def moire(self, image: Image, face: Face) -> float | None:
        return self._watch.time("moire", lambda: super(TimedRecogniser, self).moire(image, face))

    def embed(self, view: View) -> Embedding:
        return self._watch.time("embed", lambda: super(TimedRecogniser, self).embed(view))


class Unsettled(AccessPolicy):
    """A policy that goes on with a track after its verdict, so that every frame walks the whole way."""

    def wants(self, track_id: int, captured: float) -> bool:  # noqa: ARG002 - all are wanted
        return True

    def update(self, observation: Observation, now: float) -> Decision | Prompt | None:
        outcome = super().update(observation, now)
        if not super().wants(observation.track_id, observation.captured):
            self.retain(())
        return outcome


def main(argv: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench pipeline", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often the frames are walked through (3)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--terminal", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.terminal is not None:
        return _be_a_terminal(options.terminal)
    # MediaPipe reads these when it is loaded.
    os.environ.update(SILENT)
    compute_alone()
    report = measure(options.rounds)
    print(json.dumps(asdict(report)) if options.json else _text(report))
    return 0


def measure(rounds: int) -> Report:
    """All figures; the terminal goes first, while the machine's caches know as little of it as after a boot."""
    with tempfile.TemporaryDirectory(prefix="auther-bench-") as folder:
        source, recording = _recording(Path(folder))
        process = _terminal(Path(folder), recording)
        images = _images(recording)
        watch = _walk(Path(folder), images * rounds)
        nobody = _walk(Path(folder) / "nobody", [_emptied(image) for image in images], faces=False)
        mediapipe = _mediapipe(images * rounds)
    stages = {"detect": watch.timing("detect"), "landmarks": watch.timing("landmarks")}
    watch.seconds["align and quality"] = _less(watch.seconds["view"], watch.seconds["landmarks"])
    inner = [watch.seconds[stage] for stage in ("detect", "view", "moire", "liveness", "embed")]
    watch.seconds["track, match and policy"] = _less(watch.seconds["total"], *inner)
    stages |= {stage: watch.timing(stage) for stage in COMPARISON if stage not in {"landmarks", NOBODY}}
    stages[NOBODY] = nobody.timing("total")
    return Report(source, len(watch.seconds["total"]), stages, mediapipe, process)


def _less(whole: Sequence[Seconds], *parts: Sequence[Seconds]) -> list[Seconds]:
    return [seconds - sum(rest) for seconds, *rest in zip(whole, *parts, strict=True)]


def _recording(folder: Path) -> tuple[str, Path]:
    """What is played, and a sentence on it."""
    data = Path(os.environ.get("AUTHER_EVALUATION_DATA", ROOT.parent / "shared" / "data"))
    if (data / RECORDING).is_file():
        return f"{RECORDING.name} of the evaluation data", data / RECORDING
    file = folder / "portrait.avi"
    writer = cv2.VideoWriter(str(file), cv2.CAP_OPENCV_MJPEG, cv2.VideoWriter.fourcc(*"MJPG"), 30, (640, 480))
    for frame in _drawn():
        writer.write(frame)
    writer.release()
    return "drawn from a public-domain portrait: the evaluation data is not there", file


def _drawn() -> Iterator[Image]:
    """A portrait that sways and comes nearer."""
    portrait = cv2.imread(str(Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"))
    assert portrait is not None
    for number in range(130):
        scale = 0.8 + 0.001 * number
        x, y = 320 + 30 * np.sin(number / 15) - 268 * scale, 220 - 230 * scale
        matrix = np.array([[scale, 0, x], [0, scale, y]], np.float32)
        frame = cv2.warpAffine(portrait, matrix, (640, 480), borderMode=cv2.BORDER_REPLICATE)
        yield np.asarray(frame, np.uint8)


def _images(recording: Path) -> list[Image]:
    capture = cv2.VideoCapture(str(recording))
    images = []
    good, image = capture.read()
    while good:
        image.flags.writeable = False
        images.append(np.asarray(image, np.uint8))
        good, image = capture.read()
    capture.release()
    return images


def _emptied(image: Image) -> Image:
    return np.asarray(cv2.blur(image, (151, 151)), np.uint8)


def _walk(folder: Path, images: Sequence[Image], *, faces: bool = True) -> Stopwatch:
    """Walk frames through the vision loop and time the stages of those that went all the way, or else of those in
    which no face was found.
    """
    folder.mkdir(exist_ok=True)
    watch = Stopwatch()
    recogniser = TimedRecogniser(suite=load_suite(), watch=watch)
    with _strangers(folder, recogniser.model) as gallery:
        policy = Settings().policy
        loop = VisionLoop(
            recogniser=recogniser,
            tracker=Tracker(),
            policy=Unsettled(policy=policy, liveness=Liveness(), choose=lambda challenges: challenges[0]),
            gallery=gallery,
            fpir=policy.fpir,
            on_decision=lambda _: None,
            on_prompt=lambda _: None,
        )
        for number, image in enumerate(images):
            if number == WARM_UP:
                watch.seconds.clear()
            frame = Frame(image=image, captured=number * INTERVAL, wall=0.0, sequence=number)
            watch.time("total", partial(loop.process, frame))
            if faces:
                # Nobody in sight, or a face with a fault: not a face frame.
                watch.keep(len(watch.seconds["embed"]))
            elif watch.seconds["view"]:
                watch.seconds["view"].clear()
                watch.keep(len(watch.seconds["total"]) - 1)
    return watch


@contextmanager
def _strangers(folder: Path, model: str) -> Iterator[GalleryKeeper]:
    """A gallery in which nobody resembles anybody."""
    vectors = np.random.default_rng(1).standard_normal((PEOPLE, 513)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vault = Vault(source=GivenKey("the bench's key", bytes(range(32))))
    with closing(Store(path=folder / "bench.db", vault=vault)) as store:
        gallery = GalleryKeeper(store=store, model=model)
        for number, vector in enumerate(vectors):
            gallery.enrol(f"person-{number}", [NewTemplate(vector, model, "bench", 1.0)], replace=False)
        yield gallery


def _mediapipe(images: Sequence[Image]) -> Timing | None:
    """The same network's time by way of the mediapipe package; None where it is not installed."""
    try:
        from models.mediapipe_detector import MediaPipeDetector  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    from models.manifest import INSTALLED_WEIGHTS, load_manifest, read_weights  # noqa: PLC0415

    watch = Stopwatch()
    backend = MediaPipeDetector(content=read_weights(INSTALLED_WEIGHTS, load_manifest().detector))
    detector: Detector = backend
    for image in images:
        watch.time("detect", lambda image=image: detector.detect(image))  # type: ignore[misc]
    backend.close()
    del watch.seconds["detect"][:WARM_UP]
    return watch.timing("detect")


def _terminal(folder: Path, recording: Path) -> Process:
    """Start a terminal on the recording and listen to what it says of itself."""
    file = folder / "terminal.json"
    camera = {"backend": "replay", "path": str(recording), "realtime": False}
    file.write_text(json.dumps({"camera": camera, "storage": {"folder": str(folder / "terminal")}}))
    command = [sys.executable, "-m", "scripts.bench_pipeline", "--terminal", str(file)]
    began = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        last = json.loads(process.stdout.readline())
    return Process(first["monotonic"] - began, first["cpu"], last["resident_mb"], last["peak_mb"])


def _be_a_terminal(file: Path) -> int:
    """The child's side: a terminal that prints the monotonic time of its first frame, and in the end its memory."""
    process = VisionLoop.process

    def first(loop: VisionLoop, frame: Frame) -> Decision | Prompt | None:
        outcome = process(loop, frame)
        print(json.dumps({"monotonic": time.monotonic(), "cpu": time.process_time()}), flush=True)
        VisionLoop.process = process  # type: ignore[method-assign]
        return outcome

    VisionLoop.process = first  # type: ignore[method-assign, assignment]
    settings = parse(json.loads(file.read_text()), source=str(file))
    app.run(settings, supervisor=Supervisor(), tell=lambda _: None, service=ServiceManager({}))
    memory = psutil.Process().memory_info().rss / 2**20
    print(json.dumps({"resident_mb": memory, "peak_mb": _peak_mb()}))
    return 0


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return float(status.split("VmHWM:")[1].split()[0]) / 1024


def _text(report: Report) -> str:
    """One line a figure, with what it compares to."""
    total, process, other = report.stages["total"], report.process, report.mediapipe
    lines = [
        f"input: {report.source}",
        f"{report.frames} face frames, one thread; load of the machine: {os.getloadavg()[0]:.1f}",
        "",
        f"{'stage, ms':<24}{'median':>8}{'p99':>8}{'cpu':>8}{'share':>7}",
    ]
    beside = "aim: at most 2 ms; mediapipe: not installed"
    if other is not None:
        beside = f"aim: at most 2 ms; mediapipe: {other.median_ms:.2f}, p99 {other.p99_ms:.2f}, cpu {other.cpu_ms:.2f}"
    for stage, timing in report.stages.items():
        figures = f"{timing.median_ms:>8.2f}{timing.p99_ms:>8.2f}{timing.cpu_ms:>8.2f}"
        share = f"{timing.cpu_ms / total.cpu_ms:>7.0%}"
        lines.append(f"{stage:<24}{figures}{share}  {COMPARISON.get(stage, beside)}".rstrip())
    return "\n".join(
        [
            *lines,
            f"{'frames a second':<24}{1000 / total.median_ms:>8.0f}  a camera gives 30",
            f"{'start to first frame, s':<24}{process.start_up_seconds:>8.2f}{process.start_up_cpu_seconds:>16.2f}"
            "         aim: at most 3",
            f"{'resident memory, MB':<24}{process.resident_mb:>8.0f}  aim: at most 300",
            f"{'at its peak, MB':<24}{process.peak_mb:>8.0f}  aim: at most 300",
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
