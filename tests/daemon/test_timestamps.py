import pytest

from daemon.timestamps import from_iso, to_iso


@pytest.mark.parametrize(
    ("unix", "text"),
    [
        (1599149108.938, "2020-09-03T16:05:08.938Z"),
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1599149108.0, "2020-09-03T16:05:08.000Z"),
        (-62135596800.0, "0001-01-01T00:00:00.000Z"),
    ],
)
def test_times_look_like_those_of_the_rest_api(unix: float, text: str) -> None:
    assert to_iso(unix) == text
    assert from_iso(text) == unix


def test_other_zones_are_understood() -> None:
    assert from_iso("2020-09-03T18:05:08.938+02:00") == 1599149108.938


@pytest.mark.parametrize("text", ["2020-09-03T16:05:08", "yesterday", ""])
def test_a_time_without_a_zone_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"zone|Invalid isoformat"):
        from_iso(text)
