"""The charts of a day: /device/day."""

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from daemon.api.event_bodies import (
    DayBody,
    DistributionBody,
    HourBody,
    Latency,
    LatencyHour,
    ReasonBody,
    TemperatureBody,
)
from daemon.api.events import day_of
from daemon.api.operations import Call, NoBody
from daemon.config.settings import Settings
from daemon.console.day import LIVENESS_STEP, SIMILARITY_STEP, Day, Distribution, bounds, count_day
from daemon.console.history import History
from daemon.console.temperatures import TemperatureLog
from daemon.gallery.keeper import GalleryKeeper
from models.similarity import ScoreScale


class DayCalls:
    """Handler of the charts of a day."""

    def __init__(
        self,
        *,
        settings: Settings,
        history: History,
        temperatures: TemperatureLog,
        gallery: GalleryKeeper,
        scale: ScoreScale,
        clock: Callable[[], float],
    ) -> None:
        self._settings, self._history, self._temperatures = settings, history, temperatures
        self._gallery, self._scale, self._clock = gallery, scale, clock
        self._zone = ZoneInfo(settings.rules.timezone)

    def day(self, call: Call, _body: NoBody) -> DayBody:
        """Raises ApiError R_011, StoreError, Busy."""
        day = day_of(call, self._zone, self._clock())
        return self._body(day, count_day(self._history, day, self._zone))

    def _body(self, day: date, counted: Day) -> DayBody:
        readings = self._temperatures.between(*bounds(day, self._zone))
        return DayBody(
            date=day.isoformat(),
            timezone=self._settings.rules.timezone,
            hours=[HourBody(hour=one.hour, granted=one.granted, denied=one.denied) for one in counted.hours],
            reasons=[ReasonBody(reason=reason, count=count) for reason, count in counted.reasons],
            similarity=_distribution(counted.similarity, SIMILARITY_STEP, self._threshold()),
            liveness=_distribution(counted.liveness, LIVENESS_STEP, self._settings.liveness.threshold),
            latency_ms=Latency(
                p50=counted.latency.p50,
                p99=counted.latency.p99,
                hours=[LatencyHour(hour=one.hour, **vars(one.latency)) for one in counted.hours],
            ),
            temperature=[TemperatureBody(at=one.time, celsius=one.celsius) for one in readings],
        )

    def _threshold(self) -> float:
        """The similarity that a gallery of this size demands, percent."""
        score = self._scale.identification_threshold(self._settings.policy.fpir, len(self._gallery.current))
        return round(self._scale.similarity(score), 1)


def _distribution(counted: Distribution, step: float, threshold: float) -> DistributionBody:
    bins = [round(number * step, 2) for number in range(len(counted.granted))]
    return DistributionBody(bins=bins, granted=list(counted.granted), denied=list(counted.denied), threshold=threshold)
