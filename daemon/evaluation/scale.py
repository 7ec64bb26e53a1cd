"""The score scale of an embedding network from measured comparisons: cosine, similarity in percent, FMR. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from daemon.evaluation.verification import Comparisons

# Similarity of each false-match rate: 50, 80 and 98 % are the REST contract's, the others lie between.
SIMILARITY_AT_FMR = (
    (0.5, 10.0),
    (0.1, 30.0),
    (1e-2, 50.0),
    (1e-3, 65.0),
    (1e-4, 80.0),
    (1e-5, 90.0),
    (1e-6, 98.0),
)


@dataclass(frozen=True)
class Point:
    """One point of the scale; `measured` is False where too few comparisons reach so far."""

    score: float
    similarity: float
    fmr: float
    measured: bool


def scale_points(scores: Comparisons) -> tuple[Point, ...]:
    """The points from cosine -1 (0 %) to 1 (100 %: nothing but the same template reaches it).

    A rate that stands for less than one comparison is extrapolated by the slope of the last decade before it: the tail
    of non-mated scores falls off exponentially. Raises ValueError if not even FMR 1e-3 can be measured.
    """
    points = [Point(-1.0, 0.0, 1.0, measured=True)]
    for fmr, similarity in SIMILARITY_AT_FMR:
        measured = scores.is_measurable(fmr)
        if not measured and fmr >= 1e-3:
            raise ValueError(f"{scores.non_mated.size} non-mated comparisons are too few to measure FMR {fmr:g}")
        score = scores.threshold_at_fmr(fmr) if measured else _score_beyond(points, fmr)
        points.append(Point(round(score, 4), similarity, fmr, measured))
    points.append(Point(1.0, 100.0, _fmr_beyond(points, 1.0), measured=False))
    return tuple(points)


def manifest_lines(points: Sequence[Point]) -> str:
    """The `similarity` key of the manifest's embedder."""
    lines = [
        f"    {{ score = {point.score!r}, similarity = {point.similarity}, fmr = {point.fmr!r} }},"
        + ("" if point.measured else "  # extrapolated from the last decade's slope")
        for point in points
    ]
    return "\n".join(["similarity = [", *lines, "]"])


def _slope(points: Sequence[Point]) -> float:
    """Score for each decade of FMR between the last two points."""
    before, last = points[-2], points[-1]
    return (last.score - before.score) / (log10(before.fmr) - log10(last.fmr))


def _score_beyond(points: Sequence[Point], fmr: float) -> float:
    return min(points[-1].score + _slope(points) * (log10(points[-1].fmr) - log10(fmr)), 0.999)


def _fmr_beyond(points: Sequence[Point], score: float) -> float:
    exact = log10(points[-1].fmr) - (score - points[-1].score) / _slope(points)
    return float(f"{10**exact:.1g}")
