"""The cues of liveness over one track, each with its own score and state. Pure: meshes and numbers in, states out.

Vocabulary of ISO/IEC 30107-3: a cue that fails is evidence of a presentation attack, one that passes of a bona fide
presentation; an unknown one has not seen enough. Comparisons ask whether a value is good enough, never whether it is
bad: of a NaN neither is true.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import fmean, median

from daemon.config.settings import Liveness
from daemon.types import Observation
from daemon.vision.blink import Blinks
from daemon.vision.reliefs import Keyframe, Reliefs

WINDOW_SECONDS = 1.0


class Cue(str, Enum):
    """What is looked at."""

    NETWORK = "network"
    MOIRE = "moire"
    PLANARITY = "planarity"
    DEPTH = "depth"
    BLINK = "blink"


class State(Enum):
    """What a cue says so far."""

    BONA_FIDE = "bona_fide"
    ATTACK = "attack"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class CueScore:
    """A cue's state, with the number that it rests on (None while there is none)."""

    cue: Cue
    state: State
    score: float | None


class Presentation:
    """The observations of one track, and what they add up to, cue by cue.

    Everything that was seen may speak against a presentation; for it speaks only what was seen of one person.
    """

    def __init__(self, *, limits: Liveness) -> None:
        self._limits = limits
        self._recent: deque[Observation] = deque()
        self._spoof_balance = 0
        self._reliefs = Reliefs()
        self._own_reliefs = Reliefs()
        self._blinks = Blinks()

    @property
    def recent(self) -> tuple[Observation, ...]:
        """The observations of the last second, oldest first."""
        return tuple(self._recent)

    @property
    def clear(self) -> list[Observation]:
        """Those of the last second that were compared."""
        return [o for o in self._recent if o.liveness is not None]

    def is_new(self, observation: Observation) -> bool:
        """Whether a frame is newer than the last one: a frame counts once."""
        return not self._recent or observation.captured > self._recent[-1].captured

    def add(self, observation: Observation, *, own: bool = True) -> None:
        """Take the next observation of the track, with a fault or without.

        `own` is whether it shows the person whom proofs are to be of; of most faulty ones nobody can tell.
        """
        while self._recent and observation.captured - self._recent[0].captured > WINDOW_SECONDS:
            self._recent.popleft()
        self._recent.append(observation)
        self._weigh(observation)
        self._blinks.follow(observation, own=own)
        self._follow(observation, own=own)

    def forget_proofs(self) -> None:
        """Drop what speaks for the person, because another one now stands there; what speaks against stays."""
        self._blinks = Blinks()
        self._own_reliefs = Reliefs()

    def is_live(self, observation: Observation) -> bool:
        """Whether the network takes this one frame for a bona fide presentation."""
        return observation.liveness is not None and observation.liveness >= self._limits.threshold

    def scores(self, own: Sequence[Observation] | None = None) -> tuple[CueScore, ...]:
        """Every cue as it stands after the last observation.

        `own` are those of `clear` that name the person whom proofs are to be of; None: all of them.
        """
        clear = self.clear
        own = clear if own is None else own
        blinked = State.BONA_FIDE if self._blinks.count else State.UNKNOWN
        return (
            self._network(clear),
            _together(self._moire(clear), self._moire(own)),
            _together(self._planarity(self._reliefs), self._planarity(self._own_reliefs)),
            _together(self._depth(clear), self._depth(own)),
            CueScore(Cue.BLINK, blinked, float(self._blinks.count)),
        )

    def _weigh(self, latest: Observation) -> None:
        """Add a clear spoof frame to the balance, or take one off for a live frame.

        A live frame does not clear the balance: a picture that flickers now and then as if it lived stays a picture.
        """
        if self.is_live(latest):
            self._spoof_balance = max(0, self._spoof_balance - 1)
        elif latest.liveness is not None and latest.liveness < self._limits.spoof_threshold:
            self._spoof_balance += 1

    def _network(self, clear: list[Observation]) -> CueScore:
        score = mean_liveness(clear) if clear else None
        if self._spoof_balance >= self._limits.spoof_frames:
            return CueScore(Cue.NETWORK, State.ATTACK, score)
        live = score is not None and len(clear) >= self._limits.min_frames and score >= self._limits.threshold
        return CueScore(Cue.NETWORK, State.BONA_FIDE if live else State.UNKNOWN, score)

    def _moire(self, observations: Sequence[Observation]) -> CueScore:
        # The median: one frame of a striped scarf is no screen.
        score = self._usual([o.moire for o in observations if o.moire is not None])
        return _judged(Cue.MOIRE, score, good=score is not None and score <= self._limits.max_moire)

    def _planarity(self, reliefs: Reliefs) -> CueScore:
        score = reliefs.usual
        return _judged(Cue.PLANARITY, score, good=score is not None and score >= self._limits.min_relief)

    def _depth(self, observations: Sequence[Observation]) -> CueScore:
        score = self._usual([o.depth_mm for o in observations if o.depth_mm is not None])
        return _judged(Cue.DEPTH, score, good=score is not None and score >= self._limits.min_depth_mm)

    def _usual(self, values: list[float]) -> float | None:
        return median(values) if len(values) >= self._limits.min_frames else None

    def _follow(self, observation: Observation, *, own: bool) -> None:
        if observation.quality is None or observation.mesh is None:
            return
        latest = Keyframe(observation.captured, observation.mesh, observation.quality)
        measured: dict[Keyframe | None, float | None] = {None: None}
        for reliefs in (self._reliefs, self._own_reliefs) if own else (self._reliefs,):
            before = reliefs.before(latest)
            if before is not None and before not in measured:
                measured[before] = latest.relief_from(before)
            reliefs.add(latest, measured[before])


def mean_liveness(observations: Iterable[Observation]) -> float:
    """The network's mean over observations, of which at least one was compared."""
    return fmean(o.liveness for o in observations if o.liveness is not None)


def _judged(cue: Cue, score: float | None, *, good: bool) -> CueScore:
    if score is None:
        return CueScore(cue, State.UNKNOWN, None)
    return CueScore(cue, State.BONA_FIDE if good else State.ATTACK, score)


def _together(seen: CueScore, own: CueScore) -> CueScore:
    """A cue's state after what was seen of everybody and of one person: either may speak against that person."""
    return seen if seen.state is State.ATTACK else own
