"""Runs presentations through the shipped liveness: videos through tracker and policy, stills by what a still allows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from daemon.config.settings import Liveness, Policy
from daemon.enrolment.pictures import read_picture
from daemon.evaluation.judged import Gauge, Judgement, Sighting
from daemon.evaluation.labels import LabelledPresentation
from daemon.types import Candidate, Decision, Observation
from daemon.vision.liveness import Cue, Presentation, State
from daemon.vision.observing import observe
from daemon.vision.policy import AccessPolicy
from daemon.vision.recogniser import Recogniser
from daemon.vision.tracker import Tracker
from hw.camera import Frame, Image
from hw.errors import EndOfStream
from hw.replay import Replay
from models.detector import Face

# Whoever is presented counts as enrolled and recognised: what is judged is liveness alone.
SUBJECT = (Candidate("subject", 1.0),)
NO_FACE = "no_face"

Score = Callable[[Image, Face], float]


@dataclass(frozen=True)
class Instruments:
    """What presentations are judged with; `others` are further networks by name, scored on the same frames."""

    recogniser: Recogniser
    policy: Policy
    liveness: Liveness
    others: Mapping[str, Score]

    @property
    def gauges(self) -> Mapping[str, Gauge]:
        """How each cue's score is read, at the configuration's thresholds."""
        return {
            Cue.NETWORK.value: Gauge(self.liveness.threshold),
            **{name: Gauge(0.5) for name in self.others},
            Cue.MOIRE.value: Gauge(self.liveness.max_moire, live_above=False),
            Cue.PLANARITY.value: Gauge(self.liveness.min_relief),
        }


def judge(presentation: LabelledPresentation, *, instruments: Instruments) -> Judgement:
    """Judge one presentation. Raises CameraError for a video and PictureError for a picture that can't be read."""
    if presentation.is_video:
        return _Watch(instruments).video(presentation)
    return judge_stills(presentation, instruments=instruments)


def judge_stills(presentation: LabelledPresentation, *, instruments: Instruments) -> Judgement:
    """Judge stills by the cues that need no motion, without the quality gate.

    They are pictures of one presentation, so the cues add up over all of them; no cue may speak of an attack, and the
    network must take them for bona fide. A presentation without a face in any still is not accepted.
    """
    seen = Presentation(limits=instruments.liveness.model_copy(update={"min_frames": 1}))
    sightings = []
    for index, file in enumerate(presentation.files):
        at = index / len(presentation.files)
        found = _still(file, at, instruments)
        if found is not None:
            observation, extra = found
            seen.add(observation)
            sightings.append(Sighting(at=at, scores=_frame_scores(seen, observation) | extra))
    states = {score.cue: score.state for score in seen.scores()}
    attacked = any(state is State.ATTACK for state in states.values())
    live = states[Cue.NETWORK] is State.BONA_FIDE and not attacked
    return Judgement(
        name=presentation.name,
        attack=presentation.attack,
        is_video=False,
        accepted=live,
        reason="bona_fide" if live else ("liveness" if sightings else NO_FACE),
        states={cue.value: state.value for cue, state in states.items()},
        sightings=tuple(sightings),
        frames=len(presentation.files),
    )


class _Watch:
    """One video on its way through tracker and policy, as the vision loop does it."""

    def __init__(self, instruments: Instruments) -> None:
        self._instruments = instruments
        self._tracker = Tracker()
        # The first challenge of all: nobody in a recording answers it, whichever it is.
        self._policy = AccessPolicy(
            policy=instruments.policy, liveness=instruments.liveness, choose=lambda choices: choices[0]
        )
        self._tracks: dict[int, Presentation] = {}
        self._decisions: list[Decision] = []
        self._sightings: list[Sighting] = []

    def video(self, presentation: LabelledPresentation) -> Judgement:
        now = 0.0
        camera = Replay(path=presentation.files[0], realtime=False, clock=lambda: now)
        frames, start = 0, None
        try:
            while True:
                frame = camera.read()
                now = frame.captured
                start = now if start is None else start
                frames += 1
                self._process(frame, now - start)
        except EndOfStream:
            pass
        finally:
            camera.close()
        return self._judgement(presentation, frames)

    def _process(self, frame: Frame, at: float) -> None:
        faces = self._tracker.update(self._instruments.recogniser.detect(frame.image), frame.captured)
        self._policy.retain(self._tracker.alive)
        if not faces:
            return
        observation, extra = _observe(frame, faces[0].track_id, faces[0].face, self._instruments)
        track = self._tracks.setdefault(faces[0].track_id, Presentation(limits=self._instruments.liveness))
        track.add(observation)
        fault = None if observation.fault is None else observation.fault.value
        self._sightings.append(Sighting(at=at, scores=_frame_scores(track, observation) | extra, fault=fault))
        outcome = self._policy.update(observation, frame.captured)
        if isinstance(outcome, Decision):
            self._decisions.append(outcome)

    def _judgement(self, presentation: LabelledPresentation, frames: int) -> Judgement:
        granted = any(decision.granted for decision in self._decisions)
        reason = "granted" if granted else (self._decisions[-1].reason.value if self._decisions else NO_FACE)
        last = max(self._tracks.values(), key=lambda track: len(track.recent), default=None)
        return Judgement(
            name=presentation.name,
            attack=presentation.attack,
            is_video=True,
            accepted=granted,
            reason=reason,
            states={} if last is None else {score.cue.value: score.state.value for score in last.scores()},
            sightings=tuple(self._sightings),
            frames=frames,
        )


def _observe(frame: Frame, track_id: int, face: Face, instruments: Instruments) -> tuple[Observation, dict[str, float]]:
    observation, _ = observe(instruments.recogniser, frame, track_id=track_id, face=face)
    if not observation.to_compare:
        return observation, {}
    scorers = {} if observation.liveness is None else instruments.others
    others = {name: score(frame.image, face) for name, score in scorers.items()}
    return replace(observation, candidates=SUBJECT, threshold=0.0), others


def _still(file: Path, at: float, instruments: Instruments) -> tuple[Observation, dict[str, float]] | None:
    image = read_picture(file)
    faces = instruments.recogniser.detect(image)
    if not faces:
        return None
    observation = Observation(
        track_id=1,
        captured=at,
        moire=instruments.recogniser.moire(image, faces[0]),
        liveness=instruments.recogniser.liveness(image, faces[0]),
    )
    return observation, {name: score(image, faces[0]) for name, score in instruments.others.items()}


def _frame_scores(track: Presentation, latest: Observation) -> dict[str, float]:
    """Every cue that has a score: of the track, but the network's and the moiré's of this frame alone."""
    scores = {score.cue.value: score.score for score in track.scores()}
    scores |= {Cue.NETWORK.value: latest.liveness, Cue.MOIRE.value: latest.moire}
    return {cue: score for cue, score in scores.items() if score is not None}
