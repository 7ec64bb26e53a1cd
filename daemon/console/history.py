"""What happened, searched: the events on disk, by a connection of its own that only reads and never waits long."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from daemon.errors import Busy, StoreError

Kind = Literal["granted", "denied", "alarm", "event"]
# The charts of 100,000 events take half a second of a server's core (scripts/bench history).
LONGEST_SECONDS = 10.0
_STEPS = 20_000

_KINDS: Mapping[Kind, str] = {
    "granted": "topic = 'access' AND json_extract(payload, '$.decision') = 'granted'",
    "denied": "topic = 'access' AND json_extract(payload, '$.decision') = 'denied'",
    "alarm": "topic = 'alarm'",
    "event": "topic = 'event'",
}
_NAMED = (
    ":reason IN (json_extract(payload, '$.reason'), json_extract(payload, '$.alarm'), json_extract(payload, '$.event'))"
)


@dataclass(frozen=True)
class EventFilter:
    """Which events; None: all. Times are Unix seconds, `until` is not included; an event's name is a `reason` too."""

    since: float | None = None
    until: float | None = None
    person: str | None = None
    reason: str | None = None
    kind: Kind | None = None


@dataclass(frozen=True)
class PastEvent:
    """An event as it was told; `topic` is access, alarm or event."""

    seq: int
    topic: str
    payload: Mapping[str, object]


class History:
    """Any thread may ask; one at a time is answered. Raises StoreError, and Busy for what takes too long."""

    def __init__(self, *, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._lock = threading.Lock()
        with self._explained():
            self._db = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, check_same_thread=False)

    def page(self, wanted: EventFilter, *, limit: int, before: int) -> Sequence[PastEvent]:
        """The newest events with a sequence number below `before`, newest first."""
        where = ["seq < :before"]
        where += ["appended >= :since"] if wanted.since is not None else []
        where += ["appended < :until"] if wanted.until is not None else []
        where += ["json_extract(payload, '$.person_id') = :person"] if wanted.person is not None else []
        where += [_NAMED] if wanted.reason is not None else []
        where += [_KINDS[wanted.kind]] if wanted.kind is not None else []
        query = f"SELECT seq, topic, payload FROM event WHERE {' AND '.join(where)} ORDER BY seq DESC LIMIT :limit"
        rows = self.ask(query, {**vars(wanted), "before": before, "limit": limit})
        return [PastEvent(seq, topic, json.loads(payload)) for seq, topic, payload in rows]

    def find(self, seq: int) -> PastEvent | None:
        """The event of that number, if it is still there."""
        rows = self.ask("SELECT seq, topic, payload FROM event WHERE seq = :seq", {"seq": seq})
        return next((PastEvent(number, topic, json.loads(payload)) for number, topic, payload in rows), None)

    def ask(self, query: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a query of our own."""
        with self._lock, self._explained():
            until = self._clock() + LONGEST_SECONDS
            self._db.set_progress_handler(lambda: int(self._clock() > until), _STEPS)
            return self._db.execute(query, values).fetchall()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise Busy("this takes too long; name a shorter time") from None
            raise StoreError(f"{self._path}: the events can't be read: {error}") from error
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: the events can't be read: {error}") from error
