"""Who is inside, across restarts: one sealed file."""

import json
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from daemon.drafts import write_whole
from daemon.errors import StoreError
from daemon.rules.credentials import Seal

log = logging.getLogger(__name__)

_BOUND_TO = b"auther inside 1"
# More than the wall clock moves against the monotonic one between two saves, unless somebody sets it.
STEP_SECONDS = 1.0


class InsideFile:
    """Holds when each person came in, by the wall clock; the rules count by the monotonic one."""

    def __init__(
        self,
        *,
        path: Path,
        seal: Seal,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._path, self._seal, self._clock, self._wall = path, seal, clock, wall
        self._last: Mapping[str, float] = {}
        self._began: float | None = None

    def load(self) -> Mapping[str, float]:
        """Since when (monotonic) each person is inside. A file that can't be read is logged, and nobody is."""
        try:
            entered = json.loads(self._seal.open(self._path.read_bytes(), _BOUND_TO))
        except FileNotFoundError:
            return {}
        except Exception as error:  # a damaged file must keep no door from starting
            log.error("%s: can't be read (%r): anti-passback starts with nobody inside", self._path, error)
            return {}
        now, wall = self._clock(), self._wall()
        self._began = wall - now
        # A clock that was set back makes nobody come in later than now.
        self._last = {person: now - max(0.0, wall - at) for person, at in entered.items()}
        return self._last

    def save(self, entered: Mapping[str, float]) -> None:
        """Keep these, if they are others than before or the wall clock was set, as where a board has no clock.

        A disk that refuses is logged and asked again next time.
        """
        now, wall = self._clock(), self._wall()
        was_set = self._began is not None and abs(wall - now - self._began) > STEP_SECONDS
        if entered == self._last and not (entered and was_set):
            return
        times = {person: wall - (now - at) for person, at in entered.items()}
        try:
            write_whole(self._path, self._seal.seal(json.dumps(times).encode(), _BOUND_TO))
        except StoreError as error:
            log.error("anti-passback: who is inside is forgotten at a restart: %s", error)
            return
        self._last, self._began = dict(entered), wall - now
