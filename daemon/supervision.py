"""Essential threads: when one dies, the process ends and its supervisor starts it anew."""

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)


class Supervisor:
    """Runs essential threads around one stop event; the first that ends ends them all.

    `restart` asks whoever runs all this to begin anew after the stop, with the configuration as it is then.
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.restart = threading.Event()
        self._threads: list[threading.Thread] = []
        self._failure: tuple[str, BaseException] | None = None
        self._lock = threading.Lock()

    @property
    def failure(self) -> tuple[str, BaseException] | None:
        """The name of the thread that failed first, and its error."""
        return self._failure

    def start(self, name: str, target: Callable[[], None], *, may_finish: bool = False) -> None:
        """Run `target` in a thread; when it raises, or returns and may not, everything is told to stop."""
        thread = threading.Thread(target=self._guard, args=(name, target, may_finish), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def begin_anew(self) -> None:
        """Stop, to be started again."""
        self.restart.set()
        self.stop.set()

    def join(self, timeout: float) -> list[str]:
        """Wait at most `timeout` seconds for all threads together; returns the names of those that still run."""
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return [thread.name for thread in self._threads if thread.is_alive()]

    def _guard(self, name: str, target: Callable[[], None], may_finish: bool) -> None:
        try:
            target()
            if not may_finish:
                self.stop.set()
        except BaseException as error:
            with self._lock:
                self._failure = self._failure or (name, error)
            log.critical("%s failed: %s", name, error)
            log.debug("%s failed", name, exc_info=True)
            self.stop.set()
