"""How long something was kept, under clocks that jump."""

from pathlib import Path

import pytest

from daemon.kept_time import FILE_NAME, KeptTime

NOW = 1.8e9
HOUR, DAY, YEAR = 3600.0, 86_400.0, 365 * 86_400.0


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(tmp_path: Path, clock: Clock) -> KeptTime:
    return opened(tmp_path, clock)


def opened(folder: Path, clock: Clock) -> KeptTime:
    return KeptTime(path=folder / FILE_NAME, clock=clock)


def test_it_begins_with_unix_time_and_goes_on_with_the_clock(kept: KeptTime, clock: Clock) -> None:
    for _ in range(100):
        assert kept.now() == clock.now
        clock.now += HOUR / 4


def test_a_jump_forward_counts_as_a_day_and_one_back_as_nothing(kept: KeptTime, clock: Clock) -> None:
    kept.now()
    clock.now += 50 * YEAR
    assert kept.now() == NOW + DAY
    clock.now += HOUR
    assert kept.now() == NOW + DAY + HOUR
    clock.now -= 60 * YEAR
    assert kept.now() == NOW + DAY + HOUR
    clock.now += HOUR
    assert kept.now() == NOW + DAY + 2 * HOUR


def test_it_goes_on_after_a_restart_and_time_off_counts_as_a_day_at_most(
    kept: KeptTime, tmp_path: Path, clock: Clock
) -> None:
    kept.now()
    clock.now += 2 * HOUR
    kept.now()
    clock.now += 10 * HOUR
    assert opened(tmp_path, clock).now() == NOW + 12 * HOUR
    clock.now += 10 * DAY
    assert opened(tmp_path, clock).now() == NOW + 12 * HOUR + DAY


def test_two_processes_have_one_time(kept: KeptTime, tmp_path: Path, clock: Clock) -> None:
    other = opened(tmp_path, clock)
    assert kept.now() == other.now()
    clock.now += 50 * YEAR
    assert kept.now() == other.now() == NOW + DAY


def test_a_file_that_is_none_begins_anew(kept: KeptTime, tmp_path: Path, clock: Clock) -> None:
    for text in ("", "nan 5.0\n", "1.0\n", "\x00\x00\x00"):
        (tmp_path / FILE_NAME).write_text(text)
        assert opened(tmp_path, clock).now() == NOW
        assert (tmp_path / FILE_NAME).read_text() == f"{NOW} {NOW}\n"
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_where_nothing_can_be_written_it_goes_on_in_memory(tmp_path: Path, clock: Clock) -> None:
    kept = opened(tmp_path / "absent", clock)
    for _ in range(20):
        assert kept.now() == clock.now
        clock.now += DAY / 2
