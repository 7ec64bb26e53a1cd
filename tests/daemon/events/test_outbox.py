import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from uuid import UUID

import pytest

from daemon.errors import StoreError
from daemon.events.outbox import Outbox

Make = Callable[..., Outbox]
DAY = 86_400.0


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Opens the outbox of this test, as often as it is called."""
    with ExitStack() as stack:

        def opened(
            *,
            limit: int = 100,
            max_age_seconds: float = 1e6,
            history: int = 5,
            awaited: bool = True,
            ran: Clock | None = None,
        ) -> Outbox:
            outbox = Outbox(
                path=tmp_path / "events.db",
                device_id="door1",
                limit=limit,
                max_age_seconds=max_age_seconds,
                history=history,
                awaited=awaited,
                clock=Clock(1.6e9),
                monotonic=ran or Clock(0.0),
            )
            stack.callback(outbox.close)
            return outbox

        yield opened


def test_events_keep_their_order_and_get_id_sequence_and_device(make: Make) -> None:
    outbox = make()
    stored = [outbox.append("access", {"n": n}) for n in range(3)]
    assert outbox.pending(10) == stored
    assert [event.seq for event in stored] == [1, 2, 3]
    assert {UUID(event.event_id).version for event in stored} == {7}
    assert stored[0].payload == {"event_id": stored[0].event_id, "seq": 1, "device": "door1", "n": 0}
    assert outbox.pending(1, after=1) == stored[1:2]
    assert outbox.unconfirmed == 3


def test_a_payload_cannot_forge_the_names_that_the_outbox_gives(make: Make) -> None:
    event = make().append("access", {"seq": 99, "device": "other"})
    assert (event.payload["seq"], event.payload["device"]) == (1, "door1")


def test_confirmed_events_leave_the_queue_and_stay_in_a_bounded_history(make: Make) -> None:
    outbox = make(history=5)
    for n in range(10):
        outbox.append("access", {"n": n})
    outbox.confirm([*range(1, 9), 8, 4711])
    assert [event.seq for event in outbox.pending(10)] == [9, 10]
    assert [event.seq for event in outbox.recent(10)] == [10, 9, 8, 7, 6, 5, 4]
    assert [event.seq for event in outbox.recent(2, before=9)] == [8, 7]
    assert outbox.unconfirmed == 2


def test_the_sequence_survives_a_restart_with_nothing_left(make: Make) -> None:
    first = make(history=0)
    first.append("access", {})
    first.confirm([1])
    first.close()
    again = make(history=0)
    assert again.recent(10) == []
    assert again.append("access", {}).seq == 2


def test_the_oldest_go_when_the_queue_is_full_and_an_event_tells_it(make: Make) -> None:
    outbox = make(limit=10)
    for n in range(11):
        outbox.append("access", {"n": n})
    left = outbox.pending(100)
    assert [event.seq for event in left] == list(range(3, 13))
    notice = left[-2]
    assert notice.topic == "alarm"
    assert {key: notice.payload[key] for key in ("alarm", "lost", "first_seq", "last_seq", "lost_total")} == {
        "alarm": "events_lost",
        "lost": 2,
        "first_seq": 1,
        "last_seq": 2,
        "lost_total": 2,
    }
    assert outbox.lost == 2
    outbox.close()
    assert make().lost == 2


def test_the_queue_never_exceeds_its_limit(make: Make) -> None:
    outbox = make(limit=10)
    for n in range(100):
        outbox.append("access", {"n": n})
        assert outbox.unconfirmed == len(outbox.pending(1000)) <= 10
    sequence = [event.seq for event in outbox.pending(1000)]
    assert sequence == list(range(sequence[0], sequence[-1] + 1))
    assert outbox.lost == sequence[0] - 1


def test_events_older_than_the_maximum_age_go_by_running_time(make: Make) -> None:
    ran = Clock(1000.0)
    outbox = make(max_age_seconds=60, ran=ran)
    outbox.append("access", {"n": "old"})
    ran.now += 50
    outbox.append("access", {"n": "young"})
    ran.now += 11
    outbox.append("access", {"n": "new"})
    assert [event.payload.get("n") for event in outbox.pending(10)] == ["young", None, "new"]


def test_age_goes_on_after_a_restart_although_the_monotonic_clock_begins_again(make: Make) -> None:
    ran = Clock(5000.0)
    first = make(max_age_seconds=60, ran=ran)
    first.append("access", {"n": "old"})
    ran.now += 50
    first.append("access", {"n": "young"})
    first.close()
    ran.now = 3.0
    again = make(max_age_seconds=60, ran=ran)
    ran.now += 20
    again.append("access", {"n": "new"})
    assert [event.payload.get("n") for event in again.pending(10)] == ["young", None, "new"]


def test_a_broker_that_is_away_for_long_is_not_told_of_each_event_that_grew_too_old(make: Make) -> None:
    ran = Clock(0.0)
    outbox = make(limit=100_000, max_age_seconds=30 * DAY, ran=ran)
    for _ in range(40 * 24):
        outbox.append("access", {})
        ran.now += DAY / 24
    left = outbox.pending(10_000)
    alarms = [event for event in left if event.topic == "alarm"]
    assert len(alarms) == 10  # one a day
    assert outbox.lost == left[0].seq - 1 == alarms[-1].payload["lost_total"]
    assert 29 * 24 <= len(left) - len(alarms) <= 30 * 24 + 1


def test_where_no_broker_is_awaited_events_go_by_their_number_alone_and_none_counts_as_lost(make: Make) -> None:
    ran = Clock(0.0)
    outbox = make(limit=2000, max_age_seconds=30 * DAY, awaited=False, ran=ran)
    for _ in range(40 * 96):
        outbox.append("access", {})
        ran.now += DAY / 96
    left = outbox.recent(10_000)
    assert {event.topic for event in left} == {"access"}
    assert 1998 <= len(left) <= 2000
    assert left[0].seq == 40 * 96
    assert outbox.lost == 0


@pytest.mark.parametrize("payload", [{"x": "y" * 17000}, {"x": float("nan")}, {"x": object()}])
def test_what_can_never_be_sent_is_refused_and_takes_no_number(make: Make, payload: dict[str, object]) -> None:
    outbox = make()
    with pytest.raises(ValueError, match=r"^payload: "):
        outbox.append("access", payload)
    assert outbox.unconfirmed == 0
    assert outbox.append("access", {}).seq == 1


def test_many_threads_may_append_and_confirm_at_once(make: Make) -> None:
    outbox = make(limit=1000)
    threads = [threading.Thread(target=lambda: [outbox.append("access", {}) for _ in range(25)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    outbox.confirm(event.seq for event in outbox.pending(1000))
    for thread in threads:
        thread.join()
    outbox.confirm(event.seq for event in outbox.pending(1000))
    assert outbox.unconfirmed == 0
    assert outbox.append("access", {}).seq == 101


def test_only_the_owner_can_read_the_file(make: Make, tmp_path: Path) -> None:
    make().append("access", {})
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}


def test_a_broken_file_names_itself_and_what_to_do(make: Make, tmp_path: Path) -> None:
    (tmp_path / "events.db").write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match=r"events\.db.*not a database.*move it away"):
        make()


def test_a_file_of_a_newer_version_is_left_alone(make: Make, tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "events.db")
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError, match="newer version"):
        make()


def test_a_missing_folder_and_a_closed_file_are_store_errors(make: Make, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        Outbox(path=tmp_path / "nowhere" / "events.db", device_id="door1", limit=100, max_age_seconds=1e6)
    outbox = make()
    outbox.close()
    with pytest.raises(StoreError):
        outbox.append("access", {})


APPENDER = """
import sys
from pathlib import Path
from daemon.events.outbox import Outbox
outbox = Outbox(path=Path(sys.argv[1]), device_id="door1", limit=100000, max_age_seconds=1e6)
while True:
    print(outbox.append("access", {}).seq, flush=True)
"""


def test_what_append_returned_is_there_after_kill_9_and_the_sequence_has_no_gap(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    said = 0
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", APPENDER, path], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for _ in range(20):
                said = int(child.stdout.readline())
            os.kill(child.pid, signal.SIGKILL)
            said = max([said, *(int(line) for line in child.stdout.read().split("\n")[:-1])])
    sequence = [event.seq for event in make(limit=100000).pending(100000)]
    assert sequence == list(range(1, len(sequence) + 1))
    assert len(sequence) >= said


def test_an_event_that_could_not_be_written_is_told_until_one_can(make: Make, tmp_path: Path) -> None:
    outbox = make()
    outbox.append("access", {"decision": "granted"})
    with closing(sqlite3.connect(tmp_path / "events.db")) as other:
        other.execute("ALTER TABLE event RENAME TO elsewhere")
        with pytest.raises(StoreError):
            outbox.append("access", {"decision": "granted"})
        assert outbox.losing
        other.execute("ALTER TABLE elsewhere RENAME TO event")
    outbox.append("access", {"decision": "granted"})
    assert not outbox.losing


@pytest.mark.needs_root
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts")
@pytest.mark.parametrize("disk", ["full", "read-only"])
def test_a_disk_that_takes_nothing_at_the_start_is_asked_again(make: Make, tmp_path: Path, disk: str) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("may not mount here")
    try:
        outbox = make()
        outbox.append("access", {})
        outbox.close()
        filler = tmp_path / "filler"
        if disk == "full":
            with suppress(OSError), filler.open("wb", buffering=0) as file:
                while file.write(bytes(4096)):
                    pass
        else:
            subprocess.run(["mount", "-o", "remount,ro", str(tmp_path)], check=True)
        outbox = make()
        assert outbox.losing
        with pytest.raises(StoreError, match=r"events\.db"):
            outbox.append("access", {})
        subprocess.run(["mount", "-o", "remount,rw,size=1m", str(tmp_path)], check=True)
        assert outbox.append("access", {}).seq == 2
        assert (outbox.losing, outbox.unconfirmed) == (False, 2)
        outbox.close()
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
