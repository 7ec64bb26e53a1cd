"""Who calls the soaking terminal meanwhile: an application, and listeners of events that come and go."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.error import URLError

from scripts.client import ApiError, Client

# Refusals that a busy terminal may give and that an application waits out.
BUSY = {429, 503}


class Guests:
    """Callers on threads of their own until `stop`; `failed` names what was neither answered nor politely refused."""

    def __init__(self, *, client: Client, picture: bytes, stop: threading.Event) -> None:
        self._client, self._picture, self._stop = client, picture, stop
        self._lock = threading.Lock()
        self.answered = self.refused = 0
        self.failed: dict[str, int] = {}

    def __str__(self) -> str:
        failed = ", ".join(f"{count} x {what}" for what, count in self.failed.items()) or "none"
        return f"{self.answered} answered, {self.refused} told to wait, failed: {failed}"

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Within, they call."""
        threads = [threading.Thread(target=self._call_on, args=(calls,)) for calls in (self._application, self._listen)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _call_on(self, calls: Callable[[], Iterator[Callable[[], object]]]) -> None:
        while not self._stop.is_set():
            for call in calls():
                self._try(call)
                if self._stop.wait(0.5):
                    return

    def _application(self) -> Iterator[Callable[[], object]]:
        yield lambda: self._client.enrol("guest", self._picture)
        yield lambda: self._client.identify(self._picture)
        yield lambda: self._client.verify("guest", self._picture)
        yield lambda: self._client.compare(self._picture, self._picture)
        yield lambda: self._client.person("guest")
        yield lambda: self._client.remove("guest")
        yield self._client.status

    def _listen(self) -> Iterator[Callable[[], object]]:
        yield self._ten_events

    def _ten_events(self) -> None:
        for number, _ in enumerate(self._client.events()):
            if number >= 10 or self._stop.is_set():
                return

    def _try(self, call: Callable[[], object]) -> None:
        try:
            call()
        except ApiError as error:
            self._count(None if error.status in BUSY else str(error.code), waiting=error.status in BUSY)
        except (URLError, OSError) as error:
            self._count(type(error).__name__)
        else:
            self._count(None)

    def _count(self, failure: str | None, *, waiting: bool = False) -> None:
        if self._stop.is_set():
            return
        with self._lock:
            if failure is not None:
                self.failed[failure] = self.failed.get(failure, 0) + 1
            elif waiting:
                self.refused += 1
            else:
                self.answered += 1
