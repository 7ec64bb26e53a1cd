"""The gallery at one moment: an immutable snapshot of the active people, to be searched by any thread."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from daemon.errors import StoreError
from daemon.gallery.chunk import Chunk, Codes, Scores
from daemon.storage.people import Embedding
from daemon.storage.transform import Identity, Transform
from daemon.types import Candidate

SHORT_LIST = 512
"""So many rows at most are compared exactly for one rank; a probe that is as near to more has no best match anyway."""

_ROUNDING = 1e-5  # of float32 sums over D products

Fetch = Callable[[Sequence[int]], Mapping[int, Embedding]]
"""The embeddings, float32 (D,), of templates by number; what is gone is left out. Raises StoreError."""


@dataclass(frozen=True)
class _Probe:
    """A transformed probe, its length, and for each row a score that is at most `bound` off."""

    exact: Embedding
    length: float
    scores: Scores
    bound: float


@dataclass(frozen=True)
class _Rounded:
    """The probe as it is with rows' codes: scores, and how far off each may be."""

    scores: Scores
    bounds: Scores

    def near_best(self, group: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Which of a group of rows can truly be its best; at most SHORT_LIST."""
        scores, bounds = self.scores[group], self.bounds[group]
        most = scores + bounds
        close = np.flatnonzero(most >= (scores - bounds).max())
        return group[
            close if len(close) <= SHORT_LIST else close[np.argpartition(most[close], -SHORT_LIST)[-SHORT_LIST:]]
        ]


@dataclass(frozen=True)
class Gallery:
    """The active people's templates of one model.

    A search compares int8 codes first and then, exactly, every row that could still be best given how far off a
    code's score can be. Those rows come from memory, or in a large gallery from the store.
    """

    chunks: tuple[Chunk, ...] = ()
    transform: Transform = field(default_factory=Identity)
    fetch: Fetch = field(default=lambda _: {})

    def __len__(self) -> int:
        """How many templates there are."""
        return sum(len(chunk) for chunk in self.chunks)

    @cached_property
    def size(self) -> int:
        """How many people can be matched."""
        return int(np.unique(self._people).size)

    @cached_property
    def _people(self) -> npt.NDArray[np.int64]:
        return np.concatenate([chunk.people for chunk in self.chunks]) if self.chunks else np.empty(0, np.int64)

    @cached_property
    def _ends(self) -> npt.NDArray[np.intp]:
        return np.cumsum([len(chunk) for chunk in self.chunks], dtype=np.intp)

    def search(self, probe: Embedding) -> tuple[Candidate, ...]:
        """The two people most like the probe, float32 (D,) of unit length: best first, each with their best score
        (cosine).

        A row that the store can't give for its failing disk counts with the least score that it can have. Nobody is
        like a probe that isn't finite.
        """
        if not self.chunks or not np.isfinite(probe).all():
            return ()
        compared = self._compare(probe)
        near = self._near(compared)
        best: dict[bytes, float] = {}
        for person_id, score in zip(self._person_ids(near), self._exactly(near, compared), strict=True):
            if score != -np.inf:
                best[person_id] = max(best.get(person_id, -np.inf), float(score))
        ranked = sorted(best.items(), key=lambda item: -item[1])[:2]
        return tuple(Candidate(person_id.decode(), score) for person_id, score in ranked)

    def scores(self, person_id: str, probe: Embedding) -> tuple[float, ...]:
        """The probe's score against each template of one person; none for a person or a probe that can't be matched."""
        if not self.chunks or not np.isfinite(probe).all():
            return ()
        mine = np.flatnonzero(np.concatenate([chunk.person_ids == person_id.encode() for chunk in self.chunks]))
        if not len(mine):
            return ()
        return tuple(float(score) for score in self._exactly(mine, self._compare(probe)) if score != -np.inf)

    def _compare(self, probe: Embedding) -> _Probe:
        exact = self.transform(probe)
        codes = Codes.of(exact[None])
        scores = np.empty(len(self), np.float32)
        for chunk, end in zip(self.chunks, self._ends, strict=True):
            chunk.codes.score(codes, scores[end - len(chunk) : end])
        error = max(chunk.codes.error for chunk in self.chunks)
        length = float(np.linalg.norm(exact))
        return _Probe(exact, length, scores, length * error + _ROUNDING + codes.error * (1 + error))

    def _near(self, probe: _Probe) -> npt.NDArray[np.intp]:
        """The rows among which the best of each of the two best people are.

        Two people have a row that scores at least `second` here, so truly at least `second - bound`; a row that may
        be the second person's best is then no less, and scores at least `second - 2 * bound` here.
        """
        short = np.flatnonzero(probe.scores >= self._second(probe.scores) - 2 * probe.bound)
        # Where the float32 are at hand, comparing all of these takes less time than choosing among them.
        if len(short) <= SHORT_LIST and all(chunk.exact is not None for chunk in self.chunks):
            return short
        rounded = self._rounded(short, probe)
        people = self._people[short]
        best = people == people[rounded.scores.argmax()]
        groups = [np.flatnonzero(group) for group in (best, ~best) if group.any()]
        return np.sort(np.concatenate([short[rounded.near_best(group)] for group in groups]))

    def _second(self, scores: Scores) -> float:
        """The best score of anybody but the person whose score is best."""
        best = scores.argmax()
        own: list[np.intp] = []
        kept: list[np.float32] = []
        while self._people[(top := scores.argmax())] == self._people[best] and len(own) < len(scores):
            own.append(top)
            kept.append(scores[top])
            scores[top] = -np.inf  # put back below: a copy of all scores would take a tenth of the search
        second = float(scores[top])
        scores[own] = kept
        return second

    def _rounded(self, indices: npt.NDArray[np.intp], probe: _Probe) -> _Rounded:
        # The rows' codes with the probe as it is: half the doubt, and no row has to be fetched for it.
        places = list(self._split(indices))
        scores = [(chunk.codes.values[rows] @ probe.exact) * chunk.codes.scales[rows] for chunk, rows in places]
        errors = np.concatenate([chunk.codes.errors[rows] for chunk, rows in places])
        return _Rounded(np.concatenate(scores), errors * np.float32(probe.length) + np.float32(_ROUNDING))

    def _exactly(self, indices: npt.NDArray[np.intp], probe: _Probe) -> npt.NDArray[np.float64]:
        places = list(self._split(indices))
        absent = [int(number) for chunk, rows in places if chunk.exact is None for number in chunk.templates[rows]]
        try:
            fetched = self.fetch(absent) if absent else {}
        except StoreError:
            rounded = self._rounded(indices, probe)
            return (rounded.scores - rounded.bounds).astype(np.float64)
        parts: list[npt.NDArray[np.float64]] = []
        for chunk, rows in places:
            if chunk.exact is not None:
                parts.append((chunk.exact[rows] @ probe.exact).astype(np.float64))
            else:
                vectors = [fetched.get(int(number)) for number in chunk.templates[rows]]
                parts.append(np.array([-np.inf if vector is None else vector @ probe.exact for vector in vectors]))
        return np.concatenate(parts)

    def _split(self, indices: npt.NDArray[np.intp]) -> Iterator[tuple[Chunk, npt.NDArray[np.intp]]]:
        # Ascending row numbers of the whole gallery, by chunk.
        bounds = np.searchsorted(indices, self._ends)
        first = 0
        for chunk, end, last in zip(self.chunks, self._ends, bounds, strict=True):
            if last > first:
                yield chunk, indices[first:last] - (end - len(chunk))
            first = last

    def _person_ids(self, indices: npt.NDArray[np.intp]) -> npt.NDArray[np.bytes_]:
        return np.concatenate([chunk.person_ids[rows] for chunk, rows in self._split(indices)])
