"""Error rates of one-to-one comparisons, in the words of ISO/IEC 19795-1 and 2382-37. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Comparisons:
    """Scores of mated and of non-mated comparisons, each (n,) in rising order; made by `comparisons`."""

    mated: Scores
    non_mated: Scores

    def fmr(self, threshold: float) -> float:
        """False-match rate: the share of non-mated comparisons that reach `threshold` (ISO/IEC 19795-1)."""
        return _share_from(self.non_mated, threshold)

    def fnmr(self, threshold: float) -> float:
        """False-non-match rate: the share of mated comparisons that stay below `threshold` (ISO/IEC 19795-1)."""
        return 1.0 - _share_from(self.mated, threshold)

    def threshold_at_fmr(self, fmr: float) -> float:
        """The least threshold, between two scores that occurred, at which at most a share `fmr` matches falsely."""
        allowed = int(fmr * self.non_mated.size + 1e-9)
        if allowed >= self.non_mated.size:
            return float(self.non_mated[0])
        return float(np.nextafter(self.non_mated[-1 - allowed], np.float32(2)))

    def tar(self, far: float) -> float:
        """True accept rate (1 - FNMR) at the threshold of a false accept rate (FMR)."""
        return 1.0 - self.fnmr(self.threshold_at_fmr(far))

    def is_measurable(self, fmr: float) -> bool:
        """Whether `fmr` stands for one comparison at least."""
        return fmr * self.non_mated.size >= 1.0


@dataclass(frozen=True)
class EqualError:
    """The rate at which FMR and FNMR meet, and the threshold of it."""

    rate: float
    threshold: float


@dataclass(frozen=True)
class FoldAccuracy:
    """Accuracy over folds: mean, standard error of the mean, and each fold's."""

    mean: float
    standard_error: float
    folds: tuple[float, ...]


def comparisons(*, mated: Scores, non_mated: Scores) -> Comparisons:
    """Comparisons of unsorted scores. Raises ValueError if either kind is missing."""
    if not mated.size or not non_mated.size:
        raise ValueError("error rates need mated and non-mated comparisons")
    return Comparisons(mated=np.sort(mated), non_mated=np.sort(non_mated))


def equal_error(scores: Comparisons) -> EqualError:
    """The equal error rate: the mean of FMR and FNMR at the occurring score where they are closest."""
    candidates = np.unique(np.concatenate((scores.mated, scores.non_mated)))
    fmr = 1.0 - np.searchsorted(scores.non_mated, candidates) / scores.non_mated.size
    fnmr = np.searchsorted(scores.mated, candidates) / scores.mated.size
    best = int(np.abs(fmr - fnmr).argmin())
    return EqualError(rate=float((fmr[best] + fnmr[best]) / 2), threshold=float(candidates[best]))


def area_under_curve(scores: Comparisons) -> float:
    """Probability that a mated score exceeds a non-mated one, ties counted half (Mann and Whitney, 1947)."""
    below = np.searchsorted(scores.non_mated, scores.mated, side="left")
    up_to = np.searchsorted(scores.non_mated, scores.mated, side="right")
    return float((below + up_to).mean() / 2 / scores.non_mated.size)


def detection_error_tradeoff(scores: Comparisons, *, points: int = 200) -> tuple[NDArray[np.float64], Scores]:
    """The DET curve (ISO/IEC 19795-1): FMR (points,), evenly spaced in its logarithm, and the FNMR of each."""
    least = 1.0 / scores.non_mated.size
    fmr = np.logspace(np.log10(least), 0.0, points)
    return fmr, np.array([scores.fnmr(scores.threshold_at_fmr(rate)) for rate in fmr], dtype=np.float32)


def fold_accuracy(*, scores: Scores, mated: NDArray[np.bool_], folds: Sequence[int]) -> FoldAccuracy:
    """The protocol of Labeled Faces in the Wild (Huang et al., 2007): each fold at the threshold best on the others.

    `scores`, `mated` and `folds` are (n,). Raises ValueError for fewer than two folds.
    """
    numbers = np.asarray(folds)
    if np.unique(numbers).size < 2:
        raise ValueError("accuracy over folds needs two folds at least")
    rates = []
    for fold in np.unique(numbers):
        own = numbers == fold
        threshold = best_threshold(scores[~own], mated[~own])
        rates.append(float(((scores[own] >= threshold) == mated[own]).mean()))
    spread = float(np.std(rates, ddof=1) / np.sqrt(len(rates)))
    return FoldAccuracy(mean=float(np.mean(rates)), standard_error=spread, folds=tuple(rates))


def best_threshold(scores: Scores, mated: NDArray[np.bool_]) -> float:
    """The threshold, half-way between two neighbouring scores, with the fewest errors."""
    values = np.unique(scores)
    middles = np.concatenate(([values[0] - 1], (values[1:] + values[:-1]) / 2, [values[-1] + 1]))
    false_non_matches = np.searchsorted(np.sort(scores[mated]), middles)
    non_mated = np.sort(scores[~mated])
    false_matches = non_mated.size - np.searchsorted(non_mated, middles)
    return float(middles[(false_non_matches + false_matches).argmin()])


def _share_from(rising: Scores, threshold: float) -> float:
    # Compared as float32: a threshold rounded up to float64 must not leave out the score that it was taken from.
    return float(1.0 - np.searchsorted(rising, np.float32(threshold)) / rising.size)
