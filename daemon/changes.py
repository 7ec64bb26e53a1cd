"""When a change of state deserves a line in the log."""

import time
from collections.abc import Callable


class Changes:
    """Tells news from repetition: a state that stays is told once, one that flaps at most once in `quiet_seconds`.

    A state that was kept quiet is told later if it is asked about again and still holds, so that the last line of the
    log is never wrong for long.
    """

    def __init__(self, *, quiet_seconds: float = 60.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._quiet_seconds, self._monotonic = quiet_seconds, monotonic
        self._current: str | None = None
        self._told: dict[str, float] = {}

    def news(self, state: str) -> bool:
        """Whether `state` should be told now."""
        now = self._monotonic()
        self._told = {text: at for text, at in self._told.items() if now - at < self._quiet_seconds}
        if state == self._current or state in self._told:
            return False
        self._current = state
        self._told[state] = now
        return True
