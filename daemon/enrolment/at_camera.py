"""Enrolment at the camera: waits for clear frames of one person and says meanwhile what keeps them from being clear."""

from collections.abc import Callable
from dataclasses import dataclass

from daemon.enrolment.enroller import CRITERIA, SAME_PERSON_SIMILARITY, NamedImage
from daemon.errors import EnrolmentError
from daemon.vision.recogniser import Networks
from hw.camera import Camera, Frame, Image
from hw.errors import EndOfStream
from models.embedder import Embedding

FRAMES = 3
# Far enough apart for another expression and pose, near enough for nobody to tire.
APART_SECONDS = 0.7


@dataclass(frozen=True)
class Advice:
    """What to do now; `topic` stays the same while only the numbers in `text` change."""

    topic: str
    text: str


@dataclass(frozen=True, eq=False)
class _Clear:
    image: Image
    captured: float
    embedding: Embedding


class CameraEnrolment:
    """Gathers clear frames of one person; `advise` is called whenever the advice is about something else."""

    def __init__(self, *, recogniser: Networks, advise: Callable[[Advice], None]) -> None:
        self._recogniser = recogniser
        self._advise = advise
        self._advice: Advice | None = None
        self._clear: list[_Clear] = []

    @property
    def taken(self) -> int:
        """How many clear frames there are."""
        return len(self._clear)

    def gather(self, camera: Camera, *, limit_seconds: float) -> tuple[NamedImage, ...]:
        """Three clear frames. Raises EnrolmentError after `limit_seconds` of the camera's time, and CameraError."""
        started: float | None = None
        while len(self._clear) < FRAMES:
            try:
                frame = camera.read()
            except EndOfStream:
                raise self._failure("the recording ended") from None
            started = frame.captured if started is None else started
            if frame.captured - started > limit_seconds:
                raise self._failure(f"{limit_seconds:g} s are over")
            self._tell(self._take(frame))
        return tuple(NamedImage(f"frame {number}", clear.image) for number, clear in enumerate(self._clear, 1))

    def _take(self, frame: Frame) -> Advice:
        if self._clear and frame.captured - self._clear[-1].captured < APART_SECONDS:
            return self._progress()
        faces = self._recogniser.detect(frame.image)
        if len(faces) != 1:
            return Advice("F_002", "one person at a time") if faces else Advice("F_001", "step in front of the camera")
        view = self._recogniser.view(frame.image, faces[0])
        if not view.is_face:
            return Advice("F_001", "step in front of the camera")
        if view.fault is not None:
            code, text = CRITERIA[view.fault]
            return Advice(code, text.format(**vars(view.quality)))
        self._keep(_Clear(frame.image, frame.captured, self._recogniser.embed(view)))
        return self._progress()

    def _keep(self, clear: _Clear) -> None:
        same = self._recogniser.scale.score(SAME_PERSON_SIMILARITY)
        if self._clear and float(self._clear[0].embedding @ clear.embedding) < same:
            self._tell(Advice("another", "that is another face; starting again with it"))
            self._clear = []
        self._clear.append(clear)

    def _progress(self) -> Advice:
        return Advice(f"clear {len(self._clear)}", f"clear picture {len(self._clear)} of {FRAMES}; keep looking")

    def _tell(self, advice: Advice) -> None:
        if self._advice is None or self._advice.topic != advice.topic:
            self._advise(advice)
        self._advice = advice

    def _failure(self, why: str) -> EnrolmentError:
        last = self._advice or Advice("F_001", "no frame came")
        code = last.topic if last.topic.startswith("F_") else "F_001"
        return EnrolmentError(code, f"{why} with {len(self._clear)} of {FRAMES} clear pictures; last: {last.text}")
