"""The door: one thread owns the strike and alone decides when it is driven."""

import logging
import queue
import threading
import time
from collections.abc import Callable

from daemon.types import Decision
from hw.strike import Strike

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5


class Door:
    """Unlocks for a pulse of monotonic time when a grant comes in; locked at start and however the thread ends.

    `on_unlocked(decision, at)` is called right after the strike was driven, `at` in monotonic seconds; `on_locked`
    with True or False whenever it was driven.
    """

    def __init__(
        self,
        *,
        strike: Strike,
        pulse_seconds: float,
        grant_deadline_seconds: float,
        on_unlocked: Callable[[Decision, float], None],
        on_locked: Callable[[bool], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._strike = strike
        self._pulse_seconds = pulse_seconds
        self._grant_deadline_seconds = grant_deadline_seconds
        self._on_unlocked = on_unlocked
        self._on_locked = on_locked
        self._clock = clock
        self._grants: queue.SimpleQueue[Decision | None] = queue.SimpleQueue()

    def grant(self, decision: Decision) -> None:
        """Ask for the door to be unlocked; returns at once. A grant older than its deadline opens nothing."""
        self._grants.put(decision)

    def wake(self) -> None:
        """Make a waiting `run` look at its stop event."""
        self._grants.put(None)

    def run(self, stop: threading.Event) -> None:
        """Serve grants until told to stop. Raises LineError; the strike is locked on every way out."""
        self._lock()
        locks_at: float | None = None
        try:
            while not stop.is_set():
                decision = self._next(POLL_SECONDS if locks_at is None else locks_at - self._clock())
                if decision is not None and self._fresh(decision):
                    self._unlock(decision)
                    locks_at = self._clock() + self._pulse_seconds
                if locks_at is not None and self._clock() >= locks_at:
                    self._lock()
                    locks_at = None
        finally:
            self._lock()

    def _next(self, timeout: float) -> Decision | None:
        try:
            return self._grants.get(timeout=max(0.0, timeout))
        except queue.Empty:
            return None

    def _fresh(self, decision: Decision) -> bool:
        age = self._clock() - decision.captured
        if age > self._grant_deadline_seconds:
            log.error("the grant for %s is %.1f s old and opens nothing", decision.person_id, age)
            return False
        return True

    def _unlock(self, decision: Decision) -> None:
        self._strike.unlock()
        self._on_unlocked(decision, self._clock())
        self._on_locked(False)

    def _lock(self) -> None:
        self._strike.lock()
        self._on_locked(True)
