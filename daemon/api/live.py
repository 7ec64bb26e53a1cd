"""What the camera sees and what is made of it, as it happens: /device/live."""

import base64
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict, dataclass

import anyio
from anyio.to_thread import run_sync

from daemon.api.operations import Call, NoBody, Stream
from daemon.api.stream import COMMENT_SECONDS, LONGEST_SECONDS, POLL_SECONDS
from daemon.config.settings import Settings
from daemon.enrolment.while_watching import LiveEnrolment
from daemon.errors import Busy
from daemon.live.inspection import cues, finite, measures
from daemon.live.outcomes import Outcomes
from daemon.live.pictures import LivePicture, LivePictures
from daemon.live.view import LiveView
from daemon.timestamps import to_iso
from daemon.types import Glance, Observation, TrackedFace
from daemon.vitals import Vitals
from models.similarity import ScoreScale

WATCHERS = 4
LEAST_SECONDS = 0.1


@dataclass(frozen=True, eq=False)
class LiveParts:
    """Where the newest picture, and what was decided, are to be had; `stages` gives the last time of each, seconds."""

    view: LiveView
    pictures: LivePictures
    outcomes: Outcomes
    stages: Callable[[], Mapping[str, float]]


class LiveCalls:
    """Handler of the live view. Pictures are made only while somebody watches."""

    def __init__(
        self,
        *,
        parts: LiveParts,
        settings: Settings,
        scale: ScoreScale,
        enrolment: LiveEnrolment,
        vitals: Vitals,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parts, self._settings, self._scale = parts, settings, scale
        self._enrolment, self._vitals, self._clock = enrolment, vitals, clock
        self._limiter = anyio.CapacityLimiter(WATCHERS)
        self._places = threading.BoundedSemaphore(WATCHERS)

    def watch(self, _call: Call, _body: NoBody) -> Stream:
        """Raises Busy when too many watch."""
        if not self._places.acquire(blocking=False):
            raise Busy("too many browsers watch already; close one")
        return Stream(self._frames(), close=self._places.release)

    async def _frames(self) -> AsyncIterator[str]:
        yield ": watching\n\n"
        begun = quiet_since = self._clock()
        last: Glance | None = None
        while self._clock() - begun < LONGEST_SECONDS:
            turn = self._clock()
            picture = await run_sync(self._next, last, limiter=self._limiter, abandon_on_cancel=True)
            if picture is not None:
                last, quiet_since = picture.glance, self._clock()
                yield f"event: frame\ndata: {json.dumps(self._told(picture))}\n\n"
            elif self._clock() - quiet_since >= COMMENT_SECONDS:
                quiet_since = self._clock()
                yield ": the camera shows nothing\n\n"
            await anyio.sleep(max(0.0, turn + LEAST_SECONDS - self._clock()))

    def _next(self, last: Glance | None) -> LivePicture | None:
        """In a thread of its own: a newer picture than that of `last`, if one comes in time."""
        if self._parts.view.wait(last, POLL_SECONDS) is None:
            return None
        return self._parts.pictures.newest()

    def _told(self, picture: LivePicture) -> dict[str, object]:
        frame = picture.glance.frame
        height, width = frame.image.shape[:2]
        progress = self._enrolment.progress
        return {
            "seq": frame.sequence,
            "capturedAt": to_iso(frame.wall),
            "width": round(width * picture.scale),
            "height": round(height * picture.scale),
            "jpeg": base64.b64encode(picture.jpeg).decode(),
            "faces": [self._face(face, picture) for face in picture.glance.faces],
            "stageMs": {name: round(seconds * 1000, 1) for name, seconds in self._parts.stages().items()},
            "fps": round(self._vitals.fps, 1),
            "enrolment": None
            if progress is None
            else {
                "personId": progress.person_id,
                "taken": progress.taken,
                "wanted": progress.wanted,
                "hint": progress.hint,
            },
        }

    def _face(self, tracked: TrackedFace, picture: LivePicture) -> dict[str, object]:
        box, scale = tracked.face.box, picture.scale
        decision = self._parts.outcomes.of(tracked.track_id)
        seen = picture.glance.observation
        observation = seen if seen is not None and seen.track_id == tracked.track_id else None
        fault = None if observation is None or observation.fault is None else observation.fault.value
        return {
            "trackId": tracked.track_id,
            "box": [round(side * scale, 1) for side in (box.left, box.top, box.width, box.height)],
            "state": "watching" if decision is None else "granted" if decision.granted else "denied",
            "reason": fault if decision is None else decision.reason.value,
            "personId": None if decision is None else decision.person_id,
            **self._scores(observation),
        }

    def _scores(self, observation: Observation | None) -> dict[str, object]:
        """Of the face that was looked at in this frame; of others there is nothing to tell."""
        if observation is None:
            return {"similarity": None, "liveness": None, "quality": [], "cues": []}
        best = observation.candidates[0].score if observation.candidates else None
        quality = [] if observation.quality is None else measures(observation.quality, self._settings.quality)
        return {
            "similarity": None if finite(best, 3) is None or best is None else round(self._scale.similarity(best), 1),
            "liveness": finite(observation.liveness, 3),
            "quality": [asdict(one) for one in quality],
            "cues": [asdict(one) for one in cues(observation, self._settings.liveness)],
        }
