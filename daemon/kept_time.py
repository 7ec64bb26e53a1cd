"""For how long something has been kept: a time that no jump of the clock can turn forward by much, or stop.

Who erased by the clock alone would lose everything for one wrong hour of it, and keep for ever what was stored then.
"""

import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from daemon.drafts import write_whole
from daemon.errors import StoreError

FILE_NAME = "kept.time"
HOUR_SECONDS = 3600.0
# From one look at the clock to the next no more is believed to have passed: it tells the time that the power was off.
LONGEST_SECONDS = 86_400.0


@dataclass(frozen=True)
class _Mark:
    """What the kept time was when the clock showed `clock`."""

    kept: float
    clock: float

    def at(self, clock: float) -> float:
        return self.kept + min(max(clock - self.clock, 0.0), LONGEST_SECONDS)

    def near(self, clock: float) -> bool:
        return abs(clock - self.clock) < HOUR_SECONDS


class KeptTime:
    """Seconds that begin with Unix time and go on with the clock; stored once an hour beside what they are for.

    Time off counts as a day at most, a clock that went back as no time. Something has to look more often than once a
    day. Any thread and any process may.
    """

    def __init__(self, *, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = path, clock
        self._lock = threading.Lock()
        self._mark: _Mark | None = None

    def now(self) -> float:
        """The time to stamp with, and to compare stamps with."""
        clock = self._clock()
        with self._lock:
            mark = self._mark
            if mark is None or not mark.near(clock):
                self._mark = mark = self._advanced(clock)
            return mark.at(clock)

    def _advanced(self, clock: float) -> _Mark:
        # Another process may have looked since, and what could not be written stands here alone.
        known = [mark for mark in (_read(self._path), self._mark) if mark is not None]
        latest = max(known, key=lambda mark: mark.kept, default=None)
        if latest is not None and latest.near(clock):
            return latest
        mark = _Mark(clock if latest is None else latest.at(clock), clock)
        with suppress(StoreError):  # the next hour tries again
            write_whole(self._path, f"{mark.kept} {mark.clock}\n".encode())
        return mark


def _read(path: Path) -> _Mark | None:
    try:
        kept, clock = map(float, path.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return None
    return _Mark(kept, clock) if math.isfinite(kept) and math.isfinite(clock) else None
