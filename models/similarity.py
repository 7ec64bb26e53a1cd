"""From the cosine that is computed to the percentage that a person reads and the error rate that a threshold means."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from models.errors import ModelError
from models.manifest import ScorePoint


class ScoreScale:
    """The calibrated scale of one embedding network, between its measured points.

    Similarity is linear in the score between points; the false-match rate is linear in its logarithm, since the tail of
    non-mated scores falls off exponentially.
    """

    def __init__(self, points: Sequence[ScorePoint]) -> None:
        """Raises ModelError unless score and similarity rise and the false-match rate falls from point to point."""
        for low, high in pairwise(points):
            if not (low.score < high.score and low.similarity < high.similarity and low.fmr > high.fmr):
                raise ModelError(f"manifest: the score scale is not monotone at score {high.score}")
        self._scores = np.array([point.score for point in points])
        self._similarities = np.array([point.similarity for point in points])
        self._log_fmrs = np.log10([point.fmr for point in points])

    def similarity(self, score: float) -> float:
        """Percentage 0..100 of a cosine."""
        return float(np.interp(score, self._scores, self._similarities))

    def score(self, similarity: float) -> float:
        """Cosine of a percentage 0..100."""
        return float(np.interp(similarity, self._similarities, self._scores))

    def score_at_fmr(self, fmr: float) -> float:
        """The cosine at which a share `fmr` of non-mated comparisons would match."""
        return float(np.interp(-np.log10(fmr), -self._log_fmrs, self._scores))

    def identification_threshold(self, fpir: float, templates: int) -> float:
        """The cosine that keeps the false-positive identification rate of a gallery of `templates` at `fpir`.

        FPIR ≈ N × FMR for independent comparisons (NIST FRTE 1:N), so the threshold grows with the gallery. Every
        template is a comparison: a person of five has five chances to be mistaken for somebody. That overstates the
        rate where one person's templates resemble each other, and never understates it.
        """
        return self.score_at_fmr(fpir / max(1, templates))
