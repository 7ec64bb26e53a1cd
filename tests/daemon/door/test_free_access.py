"""Whether the window that a lock command ended is still the one that is on at the next start."""

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from daemon.config.rules import WeeklyHours
from daemon.door.free_access import FreeAccess
from daemon.door.memory import MarkFile
from daemon.rules.schedule import Calendar, WeeklySchedule

MONDAY = datetime(2026, 1, 5, tzinfo=timezone.utc)
DAYTIME, ALWAYS = "mon-fri 07:00-19:00", "daily 00:00-24:00"


class Counting:
    """A schedule that knows how often it was asked."""

    def __init__(self, window: str) -> None:
        hours, zone = WeeklyHours(windows=(window,)), ZoneInfo("UTC")
        self._schedule = WeeklySchedule(hours=hours, holidays=Calendar(()), zone=zone)
        self.asked = 0

    def covers(self, moment: datetime) -> bool:
        self.asked += 1
        return self._schedule.covers(moment)


def access(path: Path, *, window: str = DAYTIME, at: datetime = MONDAY) -> FreeAccess:
    return FreeAccess(
        covers=Counting(window).covers, mark=MarkFile(path, locked="locked until the next window"), wall=lambda: at
    )


def ended(path: Path, at: datetime) -> None:
    """A lock command at that time."""
    access(path).keep(True)
    os.utime(path, (at.timestamp(), at.timestamp()))


def hours(count: float) -> datetime:
    return MONDAY + timedelta(hours=count)


def test_a_window_is_on_by_the_schedule(tmp_path: Path) -> None:
    assert not access(tmp_path / "mark", at=hours(6.9)).is_on()
    assert access(tmp_path / "mark", at=hours(7)).is_on()


@pytest.mark.parametrize(
    ("window", "began", "starts", "still"),
    [
        (DAYTIME, 8.0, 8.001, True),
        (DAYTIME, 8.0, 18.99, True),
        (DAYTIME, 8.0, 19.0, False),
        (DAYTIME, 8.0, 24 + 8.0, False),
        (DAYTIME, 8.0, 7 * 24 + 8.0, False),
        (DAYTIME, 8.0, 7.5, True),
        (ALWAYS, 8.0, 24 * 400.0, True),
        ("daily 12:01-12:00", 11.0, 12.5, False),
    ],
)
def test_the_window_that_was_ended_is_still_on(
    tmp_path: Path, window: str, began: float, starts: float, still: bool
) -> None:
    ended(tmp_path / "mark", hours(began))
    assert access(tmp_path / "mark", window=window, at=hours(starts)).was_ended() is still


def test_a_clock_that_was_never_set_does_not_make_a_start_long(tmp_path: Path) -> None:
    ended(tmp_path / "mark", datetime(1970, 1, 1, tzinfo=timezone.utc))
    schedule = Counting(ALWAYS)
    mark = MarkFile(tmp_path / "mark", locked="locked until the next window")
    assert FreeAccess(covers=schedule.covers, mark=mark, wall=lambda: MONDAY).was_ended()
    assert schedule.asked <= 8 * 24 * 60 + 1


def test_what_nobody_ended_is_open_and_a_disk_that_does_not_tell_is_not(tmp_path: Path) -> None:
    assert not access(tmp_path / "mark", at=hours(8)).was_ended()
    (tmp_path / "file").touch()
    assert access(tmp_path / "file" / "mark", at=hours(8)).was_ended()


def test_only_changes_reach_the_disk(tmp_path: Path) -> None:
    free = access(tmp_path / "mark")
    free.keep(True)
    os.utime(tmp_path / "mark", (0, 0))
    free.keep(True)
    assert (tmp_path / "mark").stat().st_mtime == 0
    free.keep(False)
    assert not (tmp_path / "mark").exists()
