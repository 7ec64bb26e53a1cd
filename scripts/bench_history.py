"""What the console's questions cost: a day's charts and searches of 100,000 events, beside reading them all once."""

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from daemon.console.day import bounds, count_day
from daemon.console.history import EventFilter, History
from daemon.console.passwords import PasswordHasher
from daemon.events.outbox import Outbox

DAY = date(2026, 9, 4)
UTC = ZoneInfo("UTC")
NEWEST = 2**53


def main() -> int:
    """One line a figure: the median of the rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.db"
        write(path, given.events)
        with closing(History(path=path)) as history:
            everything = measured(lambda: history.ask("SELECT sum(length(payload)) FROM event", {}), given.rounds)
            print(f"reading all {given.events} events once: {everything:.0f} ms")
            for name, ask in questions(history):
                took = measured(ask, given.rounds)
                print(f"{name}: {took:.0f} ms, {took / everything:.1f} times as long as reading all")
    hasher = PasswordHasher()
    stored = hasher.hash("walnut harbour tricycle")
    known = measured(lambda: hasher.matches("wrong", stored), given.rounds)
    unknown = measured(lambda: hasher.matches("wrong", None), given.rounds)
    print(f"a wrong password: {known:.0f} ms; of a user that there is not: {unknown:.0f} ms")
    return 0


def questions(history: History) -> Iterator[tuple[str, Callable[[], object]]]:
    """All events lie within the one day: the worst that a day can be."""
    yield "the charts of their day", lambda: count_day(history, DAY, UTC)
    for name, wanted in (
        ("the newest page", EventFilter()),
        ("a page of a person who never came", EventFilter(person="nobody")),
        ("a page of an alarm that never was", EventFilter(reason="tamper")),
    ):
        yield name, lambda wanted=wanted: history.page(wanted, limit=50, before=NEWEST)  # type: ignore[misc]


def write(path: Path, count: int) -> None:
    """Decisions as the terminal tells them, evenly over the day."""
    Outbox(path=path, device_id="terminal", limit=count + 10, max_age_seconds=1e12).close()
    random = np.random.default_rng(1)
    since, until = bounds(DAY, UTC)
    with closing(sqlite3.connect(path)) as db, db:
        db.executemany(
            "INSERT INTO event (event_id, topic, payload, appended, ran) VALUES (?, 'access', ?, ?, 0)",
            (
                (f"e{number}", json.dumps(event(random, number)), since + (until - since) * number / count)
                for number in range(count)
            ),
        )


def event(random: np.random.Generator, number: int) -> dict[str, object]:
    granted = bool(random.random() < 0.7)
    return {
        "event_id": f"e{number}",
        "seq": number,
        "device": "terminal",
        "schema": 1,
        "captured": "2026-09-04T12:00:00.000Z",
        "decision": "granted" if granted else "denied",
        "reason": "granted" if granted else str(random.choice(["unknown", "spoof", "too_small"])),
        "person_id": f"person.{number % 500}" if granted else None,
        "similarity": round(float(random.uniform(40, 100)), 1),
        "liveness": round(float(random.random()), 3),
        "track": number,
        "relay_ms": round(float(random.gamma(9, 15)), 1) if granted else None,
        "severity": "info",
        "bacnet": "granted",
    }


def measured(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds of the processor, the median: what else the machine does is no part of it."""
    times = []
    for _ in range(rounds):
        begun = time.thread_time()
        work()
        times.append((time.thread_time() - begun) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    sys.exit(main())
