"""Events read beside a terminal that writes them."""

from contextlib import closing
from pathlib import Path

import pytest

from daemon.errors import StoreError
from daemon.events.history import EventHistory
from daemon.events.outbox import Outbox


def outbox(folder: Path, *, at: float = 1000.0) -> Outbox:
    return Outbox(path=folder / "events.db", device_id="door", limit=100, max_age_seconds=1e6, clock=lambda: at)


def test_it_reads_what_another_process_writes(tmp_path: Path) -> None:
    history = EventHistory(tmp_path / "events.db")
    with closing(outbox(tmp_path)) as writing:
        assert history.newest() == 0
        for number in range(3):
            writing.append("event", {"event": str(number)})
        assert history.newest() == 3
        assert [event.payload["event"] for event in history.after(1)] == ["1", "2"]
    with closing(outbox(tmp_path, at=2000.0)) as writing:
        writing.append("alarm", {"alarm": "tamper"})
        assert [event.topic for event in history.since(1500.0)] == ["alarm"]


def test_nothing_is_made_where_no_terminal_ran(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such file"):
        EventHistory(tmp_path / "events.db").newest()
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "events.db").write_text("nonsense" * 200)
    with pytest.raises(StoreError, match=r"events\.db: the events can't be read"):
        EventHistory(tmp_path / "events.db").after(0)
