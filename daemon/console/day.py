"""The charts of one day, counted where the events lie: what comes back is small however many there were."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from daemon.console.history import History

SIMILARITY_STEP = 2.0
LIVENESS_STEP = 0.02
_BINS = 50

# One walk over the day's decisions, whose values every count then uses.
_QUERY = f"""
WITH day AS MATERIALIZED (
    SELECT CAST((appended - :since) / 3600 AS INTEGER) AS hour,
        json_extract(payload, '$.decision') AS decision, json_extract(payload, '$.reason') AS reason,
        min(CAST(json_extract(payload, '$.similarity') / {SIMILARITY_STEP} AS INTEGER), {_BINS - 1}) AS similarity,
        min(CAST(json_extract(payload, '$.liveness') / {LIVENESS_STEP} AS INTEGER), {_BINS - 1}) AS liveness,
        CAST(round(json_extract(payload, '$.relay_ms')) AS INTEGER) AS relay_ms
    FROM event WHERE topic = 'access' AND appended >= :since AND appended < :until)
SELECT 'hour', hour, decision, count(*) FROM day GROUP BY 2, 3
UNION ALL SELECT 'reason', reason, NULL, count(*) FROM day GROUP BY 2
UNION ALL SELECT 'similarity', similarity, decision, count(*) FROM day WHERE similarity NOTNULL GROUP BY 2, 3
UNION ALL SELECT 'liveness', liveness, decision, count(*) FROM day WHERE liveness NOTNULL GROUP BY 2, 3
UNION ALL SELECT 'relay_ms', hour, relay_ms, count(*) FROM day WHERE relay_ms NOTNULL GROUP BY 2, 3
"""


@dataclass(frozen=True)
class Percentiles:
    """Milliseconds, to the millisecond; None where nothing was measured."""

    p50: int | None
    p99: int | None


@dataclass(frozen=True)
class Hour:
    """An hour of the wall clock; the one that autumn repeats counts twice as much."""

    hour: int
    granted: int
    denied: int
    latency: Percentiles


@dataclass(frozen=True)
class Distribution:
    """Counts by bins of equal width from 0."""

    granted: tuple[int, ...]
    denied: tuple[int, ...]


@dataclass(frozen=True)
class Day:
    """What was decided on one day."""

    hours: tuple[Hour, ...]
    reasons: tuple[tuple[str, int], ...]
    similarity: Distribution
    liveness: Distribution
    latency: Percentiles


def bounds(day: date, zone: ZoneInfo) -> tuple[float, float]:
    """When a day begins and ends at a place, Unix seconds; 23, 24 or 25 hours apart."""
    start, end = (datetime.combine(one, time(), zone) for one in (day, day + timedelta(days=1)))
    return start.timestamp(), end.timestamp()


def count_day(history: History, day: date, zone: ZoneInfo) -> Day:
    """Raises StoreError, Busy."""
    since, until = bounds(day, zone)
    rows = history.ask(_QUERY, {"since": since, "until": until})
    tables = {name: [row[1:] for row in group] for name, group in groupby(rows, lambda row: row[0])}
    local = [datetime.fromtimestamp(since + 3600 * hour, zone).hour for hour in range(26)]
    latencies = [(local[hour], ms, count) for hour, ms, count in tables.get("relay_ms", [])]
    decided = [(local[hour], decision, count) for hour, decision, count in tables.get("hour", [])]
    hours = (
        Hour(hour, *_decisions(decided, hour), _percentiles([(ms, n) for at, ms, n in latencies if at == hour]))
        for hour in range(24)
    )
    reasons = sorted(((str(reason), count) for reason, _, count in tables.get("reason", [])), key=lambda one: -one[1])
    return Day(
        hours=tuple(hours),
        reasons=tuple(reasons),
        similarity=_distribution(tables.get("similarity", [])),
        liveness=_distribution(tables.get("liveness", [])),
        latency=_percentiles([(ms, count) for _, ms, count in latencies]),
    )


def _decisions(rows: Sequence[tuple[Any, ...]], key: int) -> tuple[int, int]:
    granted = sum(count for at, decision, count in rows if at == key and decision == "granted")
    return granted, sum(count for at, decision, count in rows if at == key and decision == "denied")


def _distribution(rows: Sequence[tuple[Any, ...]]) -> Distribution:
    both = [_decisions(rows, number) for number in range(_BINS)]
    return Distribution(tuple(granted for granted, _ in both), tuple(denied for _, denied in both))


def _percentiles(counts: Sequence[tuple[int, int]]) -> Percentiles:
    merged: Counter[int] = Counter()
    for ms, count in counts:
        merged[ms] += count
    return Percentiles(_percentile(merged, 0.5), _percentile(merged, 0.99))


def _percentile(counts: Mapping[int, int], share: float) -> int | None:
    """The least value that `share` of all do not exceed (nearest rank)."""
    rank, seen = share * sum(counts.values()), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= rank:
            return value
    return None
