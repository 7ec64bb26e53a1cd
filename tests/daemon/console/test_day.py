"""The charts of a day."""

from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from daemon.console.day import Day, Percentiles, bounds, count_day
from daemon.console.history import History
from tests.daemon.console.pasts import denied, granted, write_events

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


def counted(folder: Path, day: str, *events: tuple[float, str, dict[str, object]]) -> Day:
    with closing(History(path=write_events(folder, *events))) as history:
        return count_day(history, date.fromisoformat(day), BERLIN)


def test_decisions_are_counted_by_the_hour_of_the_wall_clock(tmp_path: Path) -> None:
    day = counted(
        tmp_path,
        "2026-07-10",
        (at("2026-07-09T23:59:59"), "access", granted("anna")),
        (at("2026-07-10T00:00:00"), "access", granted("anna")),
        (at("2026-07-10T08:30:00"), "access", denied("spoof")),
        (at("2026-07-10T08:31:00"), "access", denied("spoof")),
        (at("2026-07-10T08:32:00"), "access", granted("bert")),
        (at("2026-07-10T09:00:00"), "alarm", {"alarm": "forced"}),
        (at("2026-07-10T23:59:59"), "access", denied("unknown")),
        (at("2026-07-11T00:00:00"), "access", granted("anna")),
    )
    assert [(one.hour, one.granted, one.denied) for one in day.hours if one.granted or one.denied] == [
        (0, 1, 0),
        (8, 1, 2),
        (23, 0, 1),
    ]
    assert [one.hour for one in day.hours] == list(range(24))
    assert sorted(day.reasons) == [("granted", 2), ("spoof", 2), ("unknown", 1)]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-07-10", 24)])
def test_a_day_is_as_long_as_the_clocks_make_it(day: str, hours: int) -> None:
    start, end = bounds(date.fromisoformat(day), BERLIN)
    assert (end - start) / 3600 == hours


def test_the_hour_that_autumn_repeats_counts_both(tmp_path: Path) -> None:
    start, _ = bounds(date(2026, 10, 25), BERLIN)
    day = counted(
        tmp_path, "2026-10-25", *((start + hour * 3600 + 60, "access", granted("anna")) for hour in (1, 2, 3, 24))
    )
    assert {one.hour: one.granted for one in day.hours if one.granted} == {1: 1, 2: 2, 23: 1}


def test_values_fall_into_bins_and_the_largest_into_the_last(tmp_path: Path) -> None:
    noon = at("2026-07-10T12:00:00")
    day = counted(
        tmp_path,
        "2026-07-10",
        (noon, "access", granted("anna", similarity=100.0)),
        (noon, "access", granted("anna", similarity=98.0)),
        (noon, "access", denied(similarity=1.9)),
        (noon, "access", denied(similarity=None)),
    )
    assert (day.similarity.granted[49], sum(day.similarity.granted)) == (2, 2)
    assert (day.similarity.denied[0], sum(day.similarity.denied)) == (1, 1)
    assert (day.liveness.granted[49], day.liveness.denied[15]) == (2, 2)


def test_latency_is_of_grants_alone(tmp_path: Path) -> None:
    noon = at("2026-07-10T12:00:00")
    events = [(noon, "access", granted("anna", relay_ms=float(ms))) for ms in range(1, 101)]
    day = counted(tmp_path, "2026-07-10", *events, (noon + 3600, "access", denied()))
    assert day.latency == Percentiles(50, 99)
    assert day.hours[12].latency == Percentiles(50, 99)
    assert day.hours[13].latency == Percentiles(None, None)


def test_a_day_without_events_is_all_zeros(tmp_path: Path) -> None:
    day = counted(tmp_path, "2026-07-10")
    assert sum(one.granted + one.denied for one in day.hours) == 0
    assert (day.reasons, day.latency) == ((), Percentiles(None, None))
