"""The vision thread: takes the newest frame, walks it through the networks and hands on what the policy decides."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from daemon.gallery.keeper import GalleryKeeper
from daemon.types import Decision, Glance, Observation, Prompt, TrackedFace
from daemon.vision.capture import NewestFrame
from daemon.vision.jobs import VisionJobs
from daemon.vision.observing import observe
from daemon.vision.policy import AccessPolicy
from daemon.vision.recogniser import Recogniser
from daemon.vision.tracker import Tracker
from hw.camera import Frame
from models.detector import Face

POLL_SECONDS = 0.5

Note = Callable[[Decision, Observation, Frame, Face], None]
"""Hears of a decision with what it was made of, before the door does; it must return at once and never raise."""


class VisionLoop:
    """Owns tracker and policy. In each frame it looks at the largest face whose track can still change something.

    `on_decision` answers a grant that is refused with the time (monotonic) from which that face may be judged again.
    `show` gets each frame with what was made of it, after door and events; it must return at once and never raise.
    `frames` counts what was processed, `turns` also the half seconds without a frame; `last_captured` is the newest
    one's monotonic time. The networks are lent to `jobs`, which see neither tracker nor policy.
    """

    def __init__(
        self,
        *,
        recogniser: Recogniser,
        tracker: Tracker,
        policy: AccessPolicy,
        gallery: GalleryKeeper,
        fpir: float,
        on_decision: Callable[[Decision], float | None],
        on_prompt: Callable[[Prompt], None],
        note: Note | None = None,
        show: Callable[[Glance], None] = lambda _: None,
        jobs: VisionJobs | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recogniser = recogniser
        self._tracker = tracker
        self._policy = policy
        self._gallery = gallery
        self._fpir = fpir
        self._on_decision = on_decision
        self._on_prompt = on_prompt
        self._note = note
        self._show = show
        self._jobs = jobs or VisionJobs()
        self._clock = clock
        self.frames = 0
        self.turns = 0
        self.last_captured: float | None = None

    def run(self, slot: NewestFrame, stop: threading.Event) -> None:
        """Process frames until told to stop, or until the slot is closed and empty.

        Between two frames goes at most one job: what others ask of the networks delays a frame by no more.
        """
        try:
            with self._jobs.waking(slot.wake):
                while not stop.is_set() and not slot.over:
                    frame = slot.take(POLL_SECONDS, or_when=self._jobs.waits)
                    if frame is not None:
                        self._jobs.show(frame)
                        self.process(frame)
                        self.frames += 1
                        self.last_captured = frame.captured
                    self._jobs.do_next(self._recogniser)
                    self.turns += 1
        finally:
            self._jobs.close()

    def process(self, frame: Frame) -> Decision | Prompt | None:
        """Walk one frame through all stages; a decision or prompt is handed on before it is returned."""
        glance = self._look(frame)
        self._show(glance)
        return glance.outcome

    def _look(self, frame: Frame) -> Glance:
        faces = self._tracker.update(self._recogniser.detect(frame.image), frame.captured)
        self._policy.retain(self._tracker.alive)
        tracked = next((face for face in faces if self._policy.wants(face.track_id, frame.captured)), None)
        if tracked is None:
            return Glance(frame, faces)
        observation = self._observe(frame, tracked)
        # A replay that runs faster than real time stamps its frames ahead of the clock.
        outcome = self._policy.update(observation, max(self._clock(), frame.captured))
        if isinstance(outcome, Prompt):
            self._on_prompt(outcome)
        elif outcome is not None:
            if self._note is not None:
                self._note(outcome, observation, frame, tracked.face)
            again = self._on_decision(outcome)
            if again is not None:
                self._policy.refused(outcome, again)
        return Glance(frame, faces, observation, outcome)

    def _observe(self, frame: Frame, tracked: TrackedFace) -> Observation:
        observation, view = observe(self._recogniser, frame, track_id=tracked.track_id, face=tracked.face)
        if not observation.to_compare:
            return observation
        gallery = self._gallery.current
        probe = self._recogniser.embed(view)
        return replace(
            observation,
            candidates=gallery.search(probe),
            threshold=self._recogniser.scale.identification_threshold(self._fpir, len(gallery)),
            probe=probe,
        )
