"""What is kept of decisions, when the configuration says so: learned templates and pictures. Off the vision path."""

import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial

from daemon.enrolment.face_jpeg import face_jpeg
from daemon.enrolment.images import ImageArchive, Kind
from daemon.enrolment.learned import Bounds, learn
from daemon.errors import PersonNotFound, StoreError
from daemon.storage.people import NewTemplate
from daemon.storage.store import Store
from daemon.types import Decision, Observation
from hw.camera import Frame
from models.detector import Face
from models.geometry import Box, Image
from models.merit import merit

_log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
EXPIRY_SECONDS = 600.0
# More than these wait only where the disk stands still; then the newest are let go.
_WAITING = 16


@dataclass(frozen=True)
class Learning:
    """Whose probes are learned: those of granted entries with at least this `min_liveness` (0..1), within `bounds`."""

    model: str
    min_liveness: float
    bounds: Bounds


@dataclass(frozen=True)
class Pictures:
    """Of which decisions pictures are kept, and for how many days."""

    archive: ImageArchive
    kinds: frozenset[Kind]
    days: float


@dataclass(frozen=True, eq=False)
class _Probe:
    person_id: str
    template: NewTemplate


@dataclass(frozen=True, eq=False)
class _Seen:
    image: Image
    box: Box
    taken: float


@dataclass(frozen=True, eq=False)
class _Picture:
    seen: _Seen
    payload: Mapping[str, object]


class Aftermath:
    """`note` is for the vision thread and `told` for the one that writes events; both return at once. `run` is a thread
    of its own, whose failures cost no entry.
    """

    def __init__(
        self,
        *,
        store: Store,
        learning: Learning | None = None,
        pictures: Pictures | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._learning = learning
        self._pictures = pictures
        self._clock = clock
        self._lock = threading.Lock()
        self._frames: OrderedDict[int, _Seen] = OrderedDict()
        self._queue: queue.Queue[_Probe | _Picture] = queue.Queue(_WAITING)

    def note(self, decision: Decision, observation: Observation, frame: Frame, face: Face) -> None:
        """Hear of a decision and the frame that it ended with."""
        if self._learning is not None and (probe := _probe(self._learning, decision, observation)) is not None:
            self._put(probe)
        if self._pictures is not None and self._pictures.kinds & {"granted", "denied"}:
            with self._lock:
                self._frames[decision.track_id] = _Seen(frame.image, face.box, frame.wall)
                while len(self._frames) > _WAITING:
                    self._frames.popitem(last=False)

    def told(self, payload: Mapping[str, object]) -> None:
        """Hear of the event that a decision became, as it was stored."""
        track = payload.get("track")
        with self._lock:
            seen = self._frames.pop(track, None) if isinstance(track, int) else None
        if seen is not None and self._pictures is not None and payload.get("decision") in self._pictures.kinds:
            self._put(_Picture(seen, payload))

    def run(self, stop: threading.Event) -> None:
        """Learn, keep and expire until told to stop, and then what is still waiting."""
        due = self._clock()
        while True:
            if self._clock() >= due:
                due = self._clock() + EXPIRY_SECONDS
                self._guarded(self.expire)
            try:
                waiting = self._queue.get(timeout=POLL_SECONDS)
            except queue.Empty:
                if stop.is_set():
                    return
                continue
            self._guarded(partial(self._do, waiting))

    def expire(self) -> None:
        """Erase the pictures whose time is over. Raises StoreError."""
        if self._pictures is not None:
            count = self._pictures.archive.expire(days=self._pictures.days)
            if count:
                _log.info("%d kept picture(s) erased after %g days", count, self._pictures.days)

    def _do(self, waiting: _Probe | _Picture) -> None:
        if isinstance(waiting, _Picture):
            self._keep(waiting)
        elif self._learning is not None and learn(
            self._store, waiting.person_id, waiting.template, bounds=self._learning.bounds
        ):
            _log.info("learned a template of quality %.2f", waiting.template.quality)

    def _keep(self, picture: _Picture) -> None:
        if self._pictures is None:
            return
        payload = picture.payload
        person_id = payload.get("person_id")
        try:
            self._pictures.archive.keep(
                face_jpeg(picture.seen.image, picture.seen.box),
                kind="granted" if payload["decision"] == "granted" else "denied",
                taken=datetime.fromtimestamp(picture.seen.taken, timezone.utc),
                person_id=person_id if isinstance(person_id, str) else None,
                event_id=str(payload.get("event_id", "")),
            )
        except PersonNotFound:
            return  # removed meanwhile, and the picture with them

    def _put(self, waiting: _Probe | _Picture) -> None:
        try:
            self._queue.put_nowait(waiting)
        except queue.Full:
            _log.warning("the disk is too slow: a probe or picture was let go")

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except StoreError as error:
            _log.error("nothing was kept: %s", error)
        except Exception:
            # Nothing here is worth the door.
            _log.exception("nothing was kept")


def _probe(learning: Learning, decision: Decision, observation: Observation) -> _Probe | None:
    """The probe of a granted entry, if its last frame is as good as demanded."""
    person_id, best = decision.person_id, next(iter(observation.candidates), None)
    # Asked so that a NaN learns nothing.
    live = decision.liveness is not None and decision.liveness >= learning.min_liveness
    if not decision.granted or not live or person_id is None or best is None or best.person_id != person_id:
        return None
    if observation.probe is None or observation.quality is None or not best.score >= learning.bounds.least_score:
        return None
    quality = merit(observation.quality)
    return _Probe(person_id, NewTemplate(observation.probe, learning.model, "learned", quality))
