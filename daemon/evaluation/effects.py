"""What each criterion of quality does to the errors: FNMR with and without its gate, and what the gate costs. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from daemon.config.settings import QualityLimits
from models.quality import Quality

DISCARDED = (0.02, 0.05, 0.1, 0.2)


@dataclass(frozen=True)
class Criterion:
    """One measure of quality, its unit, and the limit of `QualityLimits` that it has to keep."""

    unit: str
    measure: Callable[[Quality], float]
    limit: str

    @property
    def is_least(self) -> bool:
        """Whether the limit is a least value, not a largest one."""
        return self.limit.startswith("min_")


CRITERIA: Mapping[str, Criterion] = MappingProxyType(
    {
        "size": Criterion("px", lambda quality: quality.size_px, "min_size_px"),
        "yaw": Criterion("°", lambda quality: abs(quality.yaw_deg), "max_yaw_deg"),
        "pitch": Criterion("°", lambda quality: abs(quality.pitch_deg), "max_pitch_deg"),
        "roll": Criterion("°", lambda quality: abs(quality.roll_deg), "max_roll_deg"),
        "sharpness": Criterion("variance", lambda quality: quality.sharpness, "min_sharpness"),
        "dark": Criterion("luma", lambda quality: quality.brightness, "min_brightness"),
        "bright": Criterion("luma", lambda quality: quality.brightness, "max_brightness"),
        "eyes": Criterion("height / width", lambda quality: quality.eye_opening, "min_eye_opening"),
        "eye contrast": Criterion("of skin luma", lambda quality: quality.eye_contrast, "min_eye_contrast"),
        "lip contrast": Criterion("of face luma", lambda quality: quality.lip_contrast, "min_lip_contrast"),
    }
)


@dataclass(frozen=True)
class Discard:
    """FNMR once the worst share of the pictures by one criterion is left out, and the value that this takes."""

    share: float
    limit: float
    fnmr: float | None


@dataclass(frozen=True)
class Effect:
    """What one criterion's gate does, all other gates open.

    `refused` is the share of pictures that fail; `fnmr` that of all mated comparisons, `fnmr_gated` of those whose both
    pictures pass, `fnmr_refused` of the others (None where there are none), all at one threshold. `discards` is the
    error-versus-discard characteristic (ISO/IEC 29794-1).
    """

    criterion: str
    unit: str
    limit: float
    refused: float
    fnmr: float
    fnmr_gated: float | None
    fnmr_refused: float | None
    discards: tuple[Discard, ...]


@dataclass(frozen=True, eq=False)
class MatedPairs:
    """The mated comparisons: indices (n,) of reference and probe pictures and whether they were not matched (n,)."""

    references: NDArray[np.intp]
    probes: NDArray[np.intp]
    missed: NDArray[np.bool_]

    def rate(self, kept: NDArray[np.bool_]) -> float | None:
        """FNMR over the comparisons whose both pictures are `kept` (pictures,); None without any."""
        return _mean(self.missed[kept[self.references] & kept[self.probes]])

    def rate_of_others(self, kept: NDArray[np.bool_]) -> float | None:
        return _mean(self.missed[~(kept[self.references] & kept[self.probes])])


def effects(*, qualities: Sequence[Quality], limits: QualityLimits, pairs: MatedPairs) -> tuple[Effect, ...]:
    """The effect of every criterion on pictures whose `qualities` are in the order of the pairs' indices."""
    return tuple(
        _effect(name, criterion, _values(qualities, criterion), float(getattr(limits, criterion.limit)), pairs)
        for name, criterion in CRITERIA.items()
    )


def passes(quality: Quality, limits: QualityLimits) -> Mapping[str, bool]:
    """Which criteria a face keeps."""
    return {
        name: bool(
            _keeps(np.array([criterion.measure(quality)]), criterion, float(getattr(limits, criterion.limit)))[0]
        )
        for name, criterion in CRITERIA.items()
    }


def _effect(name: str, criterion: Criterion, values: NDArray[np.float64], limit: float, pairs: MatedPairs) -> Effect:
    kept = _keeps(values, criterion, limit)
    return Effect(
        criterion=name,
        unit=criterion.unit,
        limit=limit,
        refused=float(1 - kept.mean()),
        fnmr=float(pairs.missed.mean()),
        fnmr_gated=pairs.rate(kept),
        fnmr_refused=pairs.rate_of_others(kept),
        discards=tuple(_discard(criterion, values, share, pairs) for share in DISCARDED),
    )


def _discard(criterion: Criterion, values: NDArray[np.float64], share: float, pairs: MatedPairs) -> Discard:
    limit = float(np.quantile(values, share if criterion.is_least else 1 - share))
    return Discard(share=share, limit=limit, fnmr=pairs.rate(_keeps(values, criterion, limit)))


def _keeps(values: NDArray[np.float64], criterion: Criterion, limit: float) -> NDArray[np.bool_]:
    return np.asarray(values >= limit if criterion.is_least else values <= limit)


def _values(qualities: Sequence[Quality], criterion: Criterion) -> NDArray[np.float64]:
    return np.array([criterion.measure(quality) for quality in qualities])


def _mean(values: NDArray[np.bool_]) -> float | None:
    return float(values.mean()) if values.size else None
