"""The events searched."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from daemon.console.history import EventFilter, History
from daemon.errors import Busy, StoreError
from tests.daemon.console.pasts import denied, granted, write_events, write_many

NEWEST = 2**53


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    path = write_events(
        tmp_path,
        (1000.0, "access", granted("anna")),
        (2000.0, "access", denied("spoof")),
        (3000.0, "alarm", {"alarm": "forced"}),
        (4000.0, "event", {"event": "opened"}),
        (5000.0, "access", granted("bert")),
    )
    with closing(History(path=path)) as history:
        yield history


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (EventFilter(), [5, 4, 3, 2, 1]),
        (EventFilter(since=2000.0), [5, 4, 3, 2]),
        (EventFilter(until=2000.0), [1]),
        (EventFilter(since=2000.0, until=4000.0), [3, 2]),
        (EventFilter(person="anna"), [1]),
        (EventFilter(person="ann"), []),
        (EventFilter(reason="spoof"), [2]),
        (EventFilter(reason="forced"), [3]),
        (EventFilter(reason="opened"), [4]),
        (EventFilter(kind="granted"), [5, 1]),
        (EventFilter(kind="denied"), [2]),
        (EventFilter(kind="alarm"), [3]),
        (EventFilter(kind="event"), [4]),
        (EventFilter(kind="granted", person="bert", since=5000.0), [5]),
        (EventFilter(person="' OR 1=1 --"), []),
    ],
)
def test_filters(history: History, wanted: EventFilter, expected: list[int]) -> None:
    assert [event.seq for event in history.page(wanted, limit=10, before=NEWEST)] == expected


def test_pages_are_bounded_and_go_on(history: History) -> None:
    first = history.page(EventFilter(), limit=2, before=NEWEST)
    assert [event.seq for event in first] == [5, 4]
    assert [event.seq for event in history.page(EventFilter(), limit=2, before=4)] == [3, 2]


def test_an_event_is_found_by_its_number(history: History) -> None:
    event = history.find(3)
    assert event is not None
    assert (event.topic, event.payload["alarm"]) == ("alarm", "forced")
    assert history.find(6) is None


def test_what_takes_too_long_is_given_up(tmp_path: Path) -> None:
    times = iter([0.0, *[100.0] * 1000])
    path = write_many(tmp_path, 20_000, since=0.0, every=1.0)
    with closing(History(path=path, clock=lambda: next(times))) as history, pytest.raises(Busy, match="shorter time"):
        history.page(EventFilter(person="nobody"), limit=10, before=NEWEST)


def test_it_can_only_read(history: History) -> None:
    with pytest.raises(StoreError, match="readonly"):
        history.ask("DELETE FROM event", {})


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"events\.db"):
        History(path=tmp_path / "events.db")
