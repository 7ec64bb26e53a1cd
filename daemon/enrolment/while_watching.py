"""Enrolment at the camera while the terminal watches it: looks over the vision thread's shoulder."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from daemon.enrolment.at_camera import FRAMES, Advice, CameraEnrolment
from daemon.enrolment.enroller import Enroller, Enrolment
from daemon.errors import Busy, EnrolmentError
from daemon.vision.capture import NewestFrame
from daemon.vision.jobs import VisionJobs
from daemon.vision.recogniser import Networks
from hw.camera import Frame


class _Shoulder:
    """A camera whose frames are those that the vision thread gets; may miss any."""

    lossless = False

    def __init__(self, *, seconds: float, clock: Callable[[], float]) -> None:
        self._slot = NewestFrame()
        self._clock = clock
        self._until = clock() + seconds

    def show(self, frame: Frame) -> None:
        self._slot.put(frame, wait=False)

    def read(self) -> Frame:
        """Raises EnrolmentError when no frame comes in time."""
        frame = self._slot.take(max(0.0, self._until - self._clock()))
        if frame is None:
            raise EnrolmentError("F_001", "the camera gave no clear picture in time")
        return frame

    def close(self) -> None:
        self._slot.close()


@dataclass(frozen=True)
class EnrolmentProgress:
    """`hint` is the criterion (F_001 …) that keeps the face from being clear at the moment."""

    person_id: str
    taken: int
    hint: str | None
    wanted: int = FRAMES


class LiveEnrolment:
    """Enrols who stands at the camera, one person at a time."""

    def __init__(
        self,
        *,
        jobs: VisionJobs,
        networks: Networks,
        enroller: Enroller,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._jobs, self._networks, self._enroller, self._clock = jobs, networks, enroller, clock
        self._lock = threading.Lock()
        self._progress: EnrolmentProgress | None = None

    @property
    def progress(self) -> EnrolmentProgress | None:
        """How far the enrolment is that is under way, if one is."""
        return self._progress

    def enrol(self, person_id: str, *, seconds: float, replace: bool) -> Enrolment:
        """Wait at most so long for clear frames of one person, and enrol them.

        Raises Busy while another enrolment is under way, EnrolmentError with the last criterion that failed, and what
        `Enroller.enrol` raises.
        """
        if not self._lock.acquire(blocking=False):
            raise Busy("an enrolment at the camera is under way; try again when it is over")
        try:
            camera = _Shoulder(seconds=seconds, clock=self._clock)
            self._progress = EnrolmentProgress(person_id, 0, None)

            def note(advice: Advice) -> None:
                hint = advice.topic if advice.topic.startswith("F_") else None
                self._progress = EnrolmentProgress(person_id, gathering.taken, hint)

            gathering = CameraEnrolment(recogniser=self._networks, advise=note)
            with self._jobs.watching(camera.show):
                images = gathering.gather(camera, limit_seconds=seconds)
            return self._enroller.enrol(person_id, images, source="camera", replace=replace)
        finally:
            self._progress = None
            self._lock.release()
