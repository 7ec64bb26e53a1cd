"""The vision thread: takes the newest frame, walks it through the networks and hands on what the policy decides."""

import threading
import time
from collections.abc import Callable

from daemon.capture import NewestFrame
from daemon.gallery import GalleryKeeper
from daemon.policy import AccessPolicy
from daemon.recogniser import Recogniser
from daemon.tracker import Tracker
from daemon.types import Decision, Observation, Prompt, TrackedFace
from hw.camera import Frame
from models.depth import relief_mm

POLL_SECONDS = 0.5


class VisionLoop:
    """Owns tracker and policy. In each frame it looks at the largest face whose track can still change something.

    `frames` counts what was processed; `last_captured` is the newest one's monotonic time.
    """

    def __init__(
        self,
        *,
        recogniser: Recogniser,
        tracker: Tracker,
        policy: AccessPolicy,
        gallery: GalleryKeeper,
        fpir: float,
        on_decision: Callable[[Decision], None],
        on_prompt: Callable[[Prompt], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recogniser = recogniser
        self._tracker = tracker
        self._policy = policy
        self._gallery = gallery
        self._fpir = fpir
        self._on_decision = on_decision
        self._on_prompt = on_prompt
        self._clock = clock
        self.frames = 0
        self.last_captured: float | None = None

    def run(self, slot: NewestFrame, stop: threading.Event) -> None:
        """Process frames until told to stop, or until the slot is closed and empty."""
        while not stop.is_set() and not slot.over:
            frame = slot.take(POLL_SECONDS)
            if frame is not None:
                self.process(frame)
                self.frames += 1
                self.last_captured = frame.captured

    def process(self, frame: Frame) -> Decision | Prompt | None:
        """Walk one frame through all stages; a decision or prompt is handed on before it is returned."""
        faces = self._tracker.update(self._recogniser.detect(frame.image), frame.captured)
        self._policy.retain(self._tracker.alive)
        tracked = next((face for face in faces if self._policy.wants(face.track_id)), None)
        if tracked is None:
            return None
        observation = self._observe(frame, tracked)
        # A replay that runs faster than real time stamps its frames ahead of the clock.
        outcome = self._policy.update(observation, max(self._clock(), frame.captured))
        if isinstance(outcome, Prompt):
            self._on_prompt(outcome)
        elif outcome is not None:
            self._on_decision(outcome)
        return outcome

    def _observe(self, frame: Frame, tracked: TrackedFace) -> Observation:
        view = self._recogniser.view(frame.image, tracked.face)
        if view.fault is not None:
            return Observation(tracked.track_id, frame.captured, quality=view.quality, fault=view.fault, mesh=view.mesh)
        gallery = self._gallery.current
        return Observation(
            track_id=tracked.track_id,
            captured=frame.captured,
            quality=view.quality,
            mesh=view.mesh,
            moire=self._recogniser.moire(frame.image, tracked.face),
            depth_mm=None if frame.depth is None else relief_mm(frame.depth, view.mesh),
            liveness=self._recogniser.liveness(frame.image, tracked.face),
            candidates=gallery.search(self._recogniser.embed(view)),
            threshold=self._recogniser.scale.identification_threshold(self._fpir, gallery.size),
        )
