"""What the stages made of a face, number by number with its limit, for whoever commissions a terminal. Pure."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from daemon.config.settings import Liveness, QualityLimits
from daemon.types import Observation
from models.quality import Quality


@dataclass(frozen=True)
class Measure:
    """A criterion of quality; `ok` is false for a NaN."""

    name: str
    value: float | None
    unit: str
    minimum: float | None
    maximum: float | None
    ok: bool


@dataclass(frozen=True)
class Cue:
    """A sign of life or of a picture, of this frame alone; the policy judges over the track."""

    name: str
    score: float | None
    threshold: float
    ok: bool


def measures(quality: Quality, limits: QualityLimits) -> tuple[Measure, ...]:
    """Every criterion, in the order in which a person would mend them."""
    return (
        _measure("size", quality.size_px, "px", minimum=limits.min_size_px),
        _measure("yaw", quality.yaw_deg, "°", minimum=-limits.max_yaw_deg, maximum=limits.max_yaw_deg),
        _measure("pitch", quality.pitch_deg, "°", minimum=-limits.max_pitch_deg, maximum=limits.max_pitch_deg),
        _measure("roll", quality.roll_deg, "°", minimum=-limits.max_roll_deg, maximum=limits.max_roll_deg),
        _measure("brightness", quality.brightness, "", minimum=limits.min_brightness, maximum=limits.max_brightness),
        _measure("sharpness", quality.sharpness, "", minimum=limits.min_sharpness),
        _measure("eyes", quality.eye_opening, "", minimum=limits.min_eye_opening),
    )


def cues(observation: Observation, limits: Liveness) -> tuple[Cue, ...]:
    """Those that were looked at in this frame."""
    return tuple(_cues(observation, limits))


def finite(value: float | None, digits: int) -> float | None:
    """Rounded; None for what JSON can't hold."""
    return round(value, digits) if value is not None and math.isfinite(value) else None


def _cues(observation: Observation, limits: Liveness) -> Iterator[Cue]:
    live, moire, depth = observation.liveness, observation.moire, observation.depth_mm
    if live is not None:
        yield Cue("liveness", finite(live, 3), limits.threshold, live >= limits.threshold)
    if moire is not None:
        yield Cue("moire", finite(moire, 4), limits.max_moire, moire <= limits.max_moire)
    if depth is not None:
        yield Cue("depth", finite(depth, 1), limits.min_depth_mm, depth >= limits.min_depth_mm)


def _measure(
    name: str, value: float, unit: str, *, minimum: float | None = None, maximum: float | None = None
) -> Measure:
    ok = value >= (-math.inf if minimum is None else minimum) and value <= (math.inf if maximum is None else maximum)
    return Measure(name, finite(value, 2), unit, minimum, maximum, ok)
