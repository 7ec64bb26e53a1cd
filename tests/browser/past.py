"""A day at a door that is over, written as the terminal itself stores it."""

import json
import math
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from daemon.timestamps import to_iso
from daemon.types import Reason
from tests.daemon.console.pasts import write_events

PEOPLE = ("grace.hopper", "ada.lovelace", "katherine.johnson", "mary.jackson", "radia.perlman")
# How many come in each hour of the day.
HOURS = (0, 0, 0, 0, 1, 6, 38, 92, 118, 74, 52, 61, 96, 88, 63, 58, 72, 84, 51, 22, 12, 8, 4, 0)
REFUSALS = (Reason.UNKNOWN, Reason.UNKNOWN, Reason.SCHEDULE, Reason.SPOOF, Reason.BLURRED, Reason.EXPIRED)
EVENTS = sum(HOURS)


def write_yesterday(folder: Path) -> None:
    """EVENTS decisions of yesterday (UTC) into the store's folder."""
    path = write_events(folder)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    with sqlite3.connect(path) as db:
        db.executemany(
            "INSERT INTO event (event_id, topic, payload, appended, ran) VALUES (?, 'access', ?, ?, 0)",
            ((payload["event_id"], json.dumps(payload), at) for at, payload in _day(midnight)),
        )
    db.close()


def _day(midnight: datetime) -> Iterator[tuple[float, dict[str, object]]]:
    number = 0
    for hour, count in enumerate(HOURS):
        for place in range(count):
            number += 1
            at = (midnight + timedelta(hours=hour, seconds=3600 * place / count)).timestamp()
            names = {"event_id": f"past-{number}", "seq": number, "device": "terminal"}
            yield at, {**names, "schema": 1, "captured": to_iso(at), "track": number, **_decision(number)}


def _decision(number: int) -> dict[str, object]:
    """Spread evenly over what is usual, so that it is the same in each run."""
    spread = (number * math.sqrt(2)) % 1
    if number % 11:
        return {
            "decision": "granted",
            "reason": Reason.GRANTED.value,
            "person_id": PEOPLE[number % len(PEOPLE)],
            "similarity": round(100 - 22 * spread**2, 1),
            "liveness": round(1 - 0.3 * spread**3, 3),
            "relay_ms": round(85 + 140 * spread**4, 1),
        }
    reason = REFUSALS[number // 11 % len(REFUSALS)]
    live = 0.3 * spread if reason is Reason.SPOOF else 1 - 0.4 * spread
    known = reason in {Reason.SCHEDULE, Reason.EXPIRED}
    return {
        "decision": "denied",
        "reason": reason.value,
        "person_id": PEOPLE[number % len(PEOPLE)] if known else None,
        "similarity": round(100 - 20 * spread if known else 50 * spread, 1),
        "liveness": round(live, 3),
        "relay_ms": None,
    }
