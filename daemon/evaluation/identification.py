"""Error rates of open-set one-to-many searches (ISO/IEC 19795-1, NIST FRTE 1:N). Pure; draws are seeded."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# The share of the identities that is never enrolled: whose pictures are the non-mated searches.
STRANGERS = 0.25

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Draw:
    """Who is enrolled and who searches: indices of pictures, one reference an identity."""

    references: Indices
    mated: Indices
    non_mated: Indices


@dataclass(frozen=True, eq=False)
class Searches:
    """Best scores of searches: `mated` (n,), minus infinity where the best candidate was somebody else, `non_mated`."""

    mated: NDArray[np.float32]
    non_mated: NDArray[np.float32]


@dataclass(frozen=True)
class IdentificationRate:
    """FNIR (rank 1 and at the threshold) at an FPIR, in a gallery of so many people; searches of all draws together."""

    people: int
    draws: int
    fpir: float
    threshold: float
    fnir: float
    mated_searches: int
    non_mated_searches: int


def draw_gallery(identities: Sequence[str], *, people: int | None, seed: int) -> Draw:
    """Draw a gallery of `people` identities (None: all that are left) after putting a quarter aside as strangers.

    Identities with several pictures are enrolled first, for only they can be searched for. Raises ValueError when there
    are too few.
    """
    pictures: defaultdict[str, list[int]] = defaultdict(list)
    for index, identity in enumerate(identities):
        pictures[identity].append(index)
    random = np.random.default_rng(seed)
    names = [sorted(pictures)[i] for i in random.permutation(len(pictures))]
    aside = round(STRANGERS * len(names))
    strangers, others = names[:aside], sorted(names[aside:], key=lambda name: len(pictures[name]) < 2)
    if people is not None and people > len(others):
        raise ValueError(f"a gallery of {people} needs more than the {len(names)} identities that there are")
    enrolled = others[:people]
    shuffled = {name: [pictures[name][i] for i in random.permutation(len(pictures[name]))] for name in enrolled}
    return Draw(
        references=_indices(shuffled[name][0] for name in enrolled),
        mated=_indices(index for name in enrolled for index in shuffled[name][1:]),
        non_mated=_indices(index for name in strangers for index in pictures[name]),
    )


def search(
    draw: Draw, *, references: NDArray[np.float32], probes: NDArray[np.float32], identities: Sequence[str]
) -> Searches:
    """Search a drawn gallery; `references` and `probes` are unit vectors (n, D) of the same n pictures."""
    names = np.asarray(identities)
    gallery = references[draw.references]
    mated = probes[draw.mated] @ gallery.T
    best = mated.argmax(axis=1)
    found = names[draw.references][best] == names[draw.mated]
    scores = np.where(found, mated[np.arange(best.size), best], -np.inf)
    return Searches(
        mated=scores.astype(np.float32), non_mated=(probes[draw.non_mated] @ gallery.T).max(axis=1, initial=-1.0)
    )


def join(searches: Iterable[Searches]) -> Searches:
    """The searches of several draws as one."""
    several = tuple(searches)
    return Searches(
        mated=np.concatenate([one.mated for one in several]),
        non_mated=np.concatenate([one.non_mated for one in several]),
    )


def threshold_at_fpir(searches: Searches, fpir: float) -> float:
    """The least threshold at which at most a share `fpir` of the non-mated searches returns anybody."""
    falling = np.sort(searches.non_mated)[::-1]
    allowed = int(fpir * falling.size + 1e-9)
    return float(np.nextafter(falling[allowed], np.float32(2))) if allowed < falling.size else -1.0


def fnir(searches: Searches, threshold: float) -> float:
    """Share of the mated searches without the right person at rank 1 and at `threshold` (NIST FRTE: FNIR(N, 1, T))."""
    return float((searches.mated < np.float32(threshold)).mean())


def fpir(searches: Searches, threshold: float) -> float:
    """Share of the non-mated searches that return somebody at `threshold`."""
    return float((searches.non_mated >= np.float32(threshold)).mean())


def _indices(values: Iterable[int]) -> Indices:
    return np.fromiter(values, dtype=np.intp)
