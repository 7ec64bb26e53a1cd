"""Reads the events of a terminal from its disk, while it runs or not, without touching anything."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from daemon.errors import StoreError
from daemon.events.outbox import StoredEvent
from daemon.owners import whose

_COLUMNS = "seq, event_id, topic, payload, appended"


class EventHistory:
    """The terminal's `events.db`, opened read-only for each question, so that it is never in anybody's way.

    What the broker has confirmed stays for a while, the newest thousand of it. Methods raise StoreError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def newest(self) -> int:
        """The number of the newest event; 0 when there is none."""
        found = self._select(f"SELECT {_COLUMNS} FROM event ORDER BY seq DESC LIMIT ?", (1,))
        return found[0].seq if found else 0

    def since(self, at: float) -> list[StoredEvent]:
        """What was stored at Unix time `at` or later, in order."""
        return self._select(f"SELECT {_COLUMNS} FROM event WHERE appended >= ? ORDER BY seq", (at,))

    def after(self, seq: int) -> list[StoredEvent]:
        """What came after that number, in order."""
        return self._select(f"SELECT {_COLUMNS} FROM event WHERE seq > ? ORDER BY seq", (seq,))

    def _select(self, query: str, values: tuple[float]) -> list[StoredEvent]:
        try:
            self._path.stat()
            with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)) as db:
                return [*_rows(db.execute(query, values))]
        except FileNotFoundError:
            message = "no such file; it is made when the terminal runs for the first time"
            raise StoreError(f"{self._path}: {message}") from None
        except (OSError, sqlite3.OperationalError) as error:
            raise StoreError(f"{self._path}: the events can't be read: {error}; {whose(self._path)}") from error
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: the events can't be read: {error}; move the file away") from error


def _rows(rows: "sqlite3.Cursor") -> Iterator[StoredEvent]:
    for seq, event_id, topic, text, appended in rows:
        yield StoredEvent(seq, event_id, topic, json.loads(text), appended)
