"""The figures of a recognition evaluation, from samples to one frozen result. Pure but for nothing read or written."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from daemon.config.settings import QualityLimits
from daemon.evaluation.effects import Effect, MatedPairs, effects
from daemon.evaluation.identification import (
    IdentificationRate,
    Searches,
    draw_gallery,
    fnir,
    fpir,
    join,
    search,
    threshold_at_fpir,
)
from daemon.evaluation.pairs import Pair
from daemon.evaluation.samples import Acquisition, Sample
from daemon.evaluation.verification import (
    Comparisons,
    EqualError,
    FoldAccuracy,
    area_under_curve,
    comparisons,
    equal_error,
    fold_accuracy,
)
from models.similarity import ScoreScale

FARS = (1e-3, 1e-4, 1e-5, 1e-6)
FPIRS = (0.003, 0.01)
GALLERIES = (100, 1000, None)
DRAWS = 10
WORST = 25
# FNMR by quality and by identity is told at the score that the REST contract calls 80 %.
EFFECTS_AT_FMR = 1e-4


@dataclass(frozen=True)
class VerificationRate:
    """TAR at a FAR; `measurable` is False where the rate stands for less than one comparison."""

    far: float
    threshold: float
    similarity: float
    tar: float
    measurable: bool


@dataclass(frozen=True)
class ShippedThreshold:
    """What the installed scale does on these pictures: FMR and FNMR at a similarity."""

    similarity: float
    score: float
    fmr: float
    fnmr: float


@dataclass(frozen=True)
class ShippedSearch:
    """What the installed scale does in a gallery: the FPIR asked for, and the FPIR and FNIR that come of it."""

    people: int
    fpir_asked: float
    threshold: float
    fpir: float
    fnir: float


@dataclass(frozen=True)
class Named:
    """One comparison by name, for looking at."""

    reference: str
    probe: str
    score: float


@dataclass(frozen=True)
class IdentitySpread:
    """How unevenly FNMR falls on people who have `at_least` mated comparisons: quantiles over identities."""

    identities: int
    at_least: int
    mean: float
    median: float
    p90: float
    p99: float
    worst: float
    without_error: float


@dataclass(frozen=True, eq=False)
class AllAgainstAll:
    """Every picture's reference against every later picture's probe: scores and the indices of both (n,)."""

    references: NDArray[np.intp]
    probes: NDArray[np.intp]
    scores: NDArray[np.float32]
    mated: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class RecognitionResult:
    """Everything that one evaluation tells; `scores` are for the curves and stay out of the JSON."""

    model: str
    pictures: int
    identities: int
    no_face: int
    refused: int
    failure_to_acquire: float
    mated: int
    non_mated: int
    pairs: int
    accuracy: FoldAccuracy | None
    equal_error: EqualError
    area_under_curve: float
    verification: tuple[VerificationRate, ...]
    identification: tuple[IdentificationRate, ...]
    shipped: tuple[ShippedThreshold, ...]
    shipped_searches: tuple[ShippedSearch, ...]
    spread: IdentitySpread | None
    effects: tuple[Effect, ...]
    suspicious: tuple[Named, ...]
    overlooked: tuple[Named, ...]
    scores: Comparisons


def recognition_result(
    acquired: Acquisition, *, pairs: Sequence[Pair], scale: ScoreScale, limits: QualityLimits, model: str, seed: int = 0
) -> RecognitionResult:
    """Evaluate acquired pictures. Raises ValueError when there are no mated or no non-mated comparisons among them."""
    samples = acquired.samples
    everything = all_against_all(samples)
    scores = comparisons(mated=everything.scores[everything.mated], non_mated=everything.scores[~everything.mated])
    searches = _all_searches(samples, seed)
    mated_pairs = _mated_pairs(everything, scores.threshold_at_fmr(EFFECTS_AT_FMR))
    return RecognitionResult(
        model=model,
        pictures=len(samples) + len(acquired.missed),
        identities=len({sample.identity for sample in samples}),
        no_face=sum(missed.reason is None for missed in acquired.missed),
        refused=sum(missed.reason is not None for missed in acquired.missed),
        failure_to_acquire=acquired.failure_to_acquire,
        mated=scores.mated.size,
        non_mated=scores.non_mated.size,
        pairs=len(pairs),
        accuracy=pair_accuracy(samples, pairs),
        equal_error=equal_error(scores),
        area_under_curve=area_under_curve(scores),
        verification=tuple(_verification(scores, far, scale) for far in FARS),
        identification=tuple(_rate(people, found, rate) for people, found in searches for rate in FPIRS),
        shipped=tuple(_shipped(scores, similarity, scale) for similarity in (50.0, 80.0, 98.0)),
        shipped_searches=tuple(_shipped_search(people, found, 0.003, scale) for people, found in searches),
        spread=identity_spread(mated_pairs, [sample.identity for sample in samples]),
        effects=effects(qualities=[sample.quality for sample in samples], limits=limits, pairs=mated_pairs),
        suspicious=_extreme(everything, samples, mated=False),
        overlooked=_extreme(everything, samples, mated=True),
        scores=scores,
    )


def all_against_all(samples: Sequence[Sample]) -> AllAgainstAll:
    """Compare each picture as a reference with every later one as a probe, each pair of pictures once."""
    references = np.stack([sample.reference for sample in samples])
    probes = np.stack([sample.probe for sample in samples])
    first, second = np.triu_indices(len(samples), 1)
    names = np.unique([sample.identity for sample in samples], return_inverse=True)[1]
    scores = (references @ probes.T)[first, second]
    return AllAgainstAll(references=first, probes=second, scores=scores, mated=names[first] == names[second])


def pair_accuracy(samples: Sequence[Sample], pairs: Sequence[Pair]) -> FoldAccuracy | None:
    """Accuracy over the given folds; a pair with a missed picture scores -1: no match. None with only one fold."""
    if len({pair.fold for pair in pairs}) < 2:
        return None
    named = {sample.name: sample for sample in samples}
    scores = [
        float(named[pair.reference].reference @ named[pair.probe].probe)
        if pair.reference in named and pair.probe in named
        else -1.0
        for pair in pairs
    ]
    return fold_accuracy(
        scores=np.array(scores, dtype=np.float32),
        mated=np.array([pair.mated for pair in pairs]),
        folds=[pair.fold for pair in pairs],
    )


def identity_spread(pairs: MatedPairs, identities: Sequence[str], *, at_least: int = 3) -> IdentitySpread | None:
    """FNMR over identities with enough mated comparisons; None without any."""
    missed: defaultdict[str, list[bool]] = defaultdict(list)
    for index, miss in zip(pairs.references, pairs.missed, strict=True):
        missed[identities[index]].append(bool(miss))
    rates = np.array([np.mean(misses) for misses in missed.values() if len(misses) >= at_least])
    if not rates.size:
        return None
    median, p90, p99 = np.quantile(rates, (0.5, 0.9, 0.99))
    return IdentitySpread(
        identities=rates.size,
        at_least=at_least,
        mean=float(rates.mean()),
        median=float(median),
        p90=float(p90),
        p99=float(p99),
        worst=float(rates.max()),
        without_error=float((rates == 0).mean()),
    )


def _mated_pairs(everything: AllAgainstAll, threshold: float) -> MatedPairs:
    mated = everything.mated
    return MatedPairs(
        references=everything.references[mated],
        probes=everything.probes[mated],
        missed=everything.scores[mated] < np.float32(threshold),
    )


def _verification(scores: Comparisons, far: float, scale: ScoreScale) -> VerificationRate:
    threshold = scores.threshold_at_fmr(far)
    return VerificationRate(
        far=far,
        threshold=threshold,
        similarity=scale.similarity(threshold),
        tar=scores.tar(far),
        measurable=scores.is_measurable(far),
    )


def _shipped(scores: Comparisons, similarity: float, scale: ScoreScale) -> ShippedThreshold:
    score = scale.score(similarity)
    return ShippedThreshold(similarity=similarity, score=score, fmr=scores.fmr(score), fnmr=scores.fnmr(score))


def _all_searches(samples: Sequence[Sample], seed: int) -> tuple[tuple[int, Searches], ...]:
    """The searches of every size of gallery that the identities suffice for."""
    identities = [sample.identity for sample in samples]
    references = np.stack([sample.reference for sample in samples])
    probes = np.stack([sample.probe for sample in samples])
    found = []
    for people in GALLERIES:
        try:
            draws = [draw_gallery(identities, people=people, seed=seed + draw) for draw in range(DRAWS)]
        except ValueError:
            continue
        several = [search(draw, references=references, probes=probes, identities=identities) for draw in draws]
        joined = join(several)
        if draws[0].references.size and joined.mated.size and joined.non_mated.size:
            found.append((int(draws[0].references.size), joined))
    return tuple(found)


def _rate(people: int, searches: Searches, rate: float) -> IdentificationRate:
    threshold = threshold_at_fpir(searches, rate)
    return IdentificationRate(
        people=people,
        draws=DRAWS,
        fpir=rate,
        threshold=threshold,
        fnir=fnir(searches, threshold),
        mated_searches=searches.mated.size,
        non_mated_searches=searches.non_mated.size,
    )


def _shipped_search(people: int, searches: Searches, asked: float, scale: ScoreScale) -> ShippedSearch:
    threshold = scale.identification_threshold(asked, people)
    return ShippedSearch(
        people=people,
        fpir_asked=asked,
        threshold=threshold,
        fpir=fpir(searches, threshold),
        fnir=fnir(searches, threshold),
    )


def _extreme(everything: AllAgainstAll, samples: Sequence[Sample], *, mated: bool) -> tuple[Named, ...]:
    """The mated comparisons that scored least, or the non-mated ones that scored most: often wrong labels."""
    chosen = np.flatnonzero(everything.mated == mated)
    order = np.argsort(everything.scores[chosen] * (1 if mated else -1))[:WORST]
    return tuple(
        Named(
            reference=samples[everything.references[index]].name,
            probe=samples[everything.probes[index]].name,
            score=float(everything.scores[index]),
        )
        for index in chosen[order]
    )
