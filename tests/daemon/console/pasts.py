"""Events on disk as they were told at times of one's choice."""

import json
import sqlite3
from pathlib import Path

from daemon.events.outbox import Outbox


def write_events(folder: Path, *events: tuple[float, str, dict[str, object]]) -> Path:
    """Each stored at its Unix time under its topic; gives the file."""
    path = folder / "events.db"
    times = iter([at for at, _, _ in events])
    outbox = Outbox(path=path, device_id="terminal", limit=1_000_000, max_age_seconds=1e12, clock=lambda: next(times))
    for _, topic, payload in events:
        outbox.append(topic, payload)
    outbox.close()
    return path


def write_many(folder: Path, count: int, *, since: float, every: float) -> Path:
    """So many denials of a stranger, at equal distances: as quickly as a file can be written."""
    path = write_events(folder)
    payload = {"event_id": "e", "decision": "denied", "reason": "unknown", "similarity": 40.0, "liveness": 0.9}
    text = json.dumps(payload)
    with sqlite3.connect(path) as db:
        db.executemany(
            "INSERT INTO event (event_id, topic, payload, appended, ran) VALUES ('e', 'access', ?, ?, 0)",
            ((text, since + number * every) for number in range(count)),
        )
    db.close()
    return path


def granted(person: str, *, similarity: float = 90.0, relay_ms: float = 100.0) -> dict[str, object]:
    return {
        "decision": "granted",
        "reason": "granted",
        "person_id": person,
        "similarity": similarity,
        "liveness": 0.99,
        "relay_ms": relay_ms,
    }


def denied(reason: str = "unknown", *, similarity: float | None = 40.0) -> dict[str, object]:
    return {"decision": "denied", "reason": reason, "person_id": None, "similarity": similarity, "liveness": 0.31}
