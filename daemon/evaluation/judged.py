"""What an evaluation of liveness saw of each presentation, and the error rates that follow. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from daemon.evaluation.presentation import Outcome, PresentationErrors, presentation_errors
from daemon.evaluation.verification import Comparisons, area_under_curve, comparisons, equal_error


@dataclass(frozen=True)
class Sighting:
    """One frame: seconds from the presentation's start, each cue's score so far, and the quality fault if any.

    `network` and `reference` are this one frame's probabilities of bona fide; other cues speak for the track up to it.
    """

    at: float
    scores: Mapping[str, float]
    fault: str | None = None


@dataclass(frozen=True)
class Judgement:
    """One presentation: whether it would have been granted, the reason, and the last state of each cue."""

    name: str
    attack: str | None
    is_video: bool
    accepted: bool
    reason: str
    states: Mapping[str, str]
    sightings: tuple[Sighting, ...]
    frames: int

    def mean(self, cue: str) -> float | None:
        """The mean of a cue's scores over the frames that have one."""
        values = [sighting.scores[cue] for sighting in self.sightings if cue in sighting.scores]
        return float(np.mean(values)) if values else None


@dataclass(frozen=True)
class CueRow:
    """One cue by itself. Rates are None where bona fide or attacks are missing among those it has a score for."""

    cue: str
    threshold: float
    frame_errors: PresentationErrors
    frame_auc: float | None
    frame_eer: float | None
    presentation_errors: PresentationErrors
    presentation_auc: float | None


@dataclass(frozen=True)
class Gauge:
    """How to read a cue: its threshold, and whether bona fide lies above it."""

    threshold: float
    live_above: bool = True

    def is_live(self, score: float) -> bool:
        return score >= self.threshold if self.live_above else score <= self.threshold

    def signed(self, score: float) -> float:
        """The score on a scale on which more is more bona fide."""
        return score if self.live_above else -score


@dataclass(frozen=True)
class LivenessResult:
    """Everything that one evaluation tells; `errors` are the whole policy's, per presentation."""

    level: str
    model: str
    errors: PresentationErrors
    cues: tuple[CueRow, ...]
    judgements: tuple[Judgement, ...]


def liveness_result(
    judgements: Sequence[Judgement], *, level: str, model: str, gauges: Mapping[str, Gauge]
) -> LivenessResult:
    """Add up judged presentations; `gauges` names the cues to be told apart and how each is read."""
    return LivenessResult(
        level=level,
        model=model,
        errors=presentation_errors(Outcome(judged.attack, judged.accepted) for judged in judgements),
        cues=tuple(_row(cue, gauge, judgements) for cue, gauge in gauges.items()),
        judgements=tuple(judgements),
    )


def _row(cue: str, gauge: Gauge, judgements: Sequence[Judgement]) -> CueRow:
    frames = [
        (judged.attack, sighting.scores[cue])
        for judged in judgements
        for sighting in judged.sightings
        if cue in sighting.scores
    ]
    means = [(judged.attack, mean) for judged in judgements if (mean := judged.mean(cue)) is not None]
    curve = _curve(frames, gauge)
    whole = _curve(means, gauge)
    return CueRow(
        cue=cue,
        threshold=gauge.threshold,
        frame_errors=presentation_errors(_outcomes(frames, gauge.is_live)),
        frame_auc=area_under_curve(curve) if curve else None,
        frame_eer=equal_error(curve).rate if curve else None,
        presentation_errors=presentation_errors(_outcomes(means, gauge.is_live)),
        presentation_auc=area_under_curve(whole) if whole else None,
    )


def _outcomes(scored: Iterable[tuple[str | None, float]], is_live: Callable[[float], bool]) -> Iterable[Outcome]:
    return (Outcome(attack, is_live(score)) for attack, score in scored)


def _curve(scored: Sequence[tuple[str | None, float]], gauge: Gauge) -> Comparisons | None:
    """Bona fide scores as the mated ones, attacks as the non-mated: AUC and EER are defined alike."""
    bona_fide = np.array([gauge.signed(score) for attack, score in scored if attack is None], dtype=np.float32)
    attacks = np.array([gauge.signed(score) for attack, score in scored if attack is not None], dtype=np.float32)
    return comparisons(mated=bona_fide, non_mated=attacks) if bona_fide.size and attacks.size else None
