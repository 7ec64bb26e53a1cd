"""A thread that keeps a connection to the broker: opens it, hands it over, and after its end tries again."""

import logging
import threading
import time
from collections.abc import Callable

from daemon.backoff import Backoff
from daemon.changes import Changes
from daemon.config.settings import Mqtt
from daemon.errors import AutherError
from daemon.mqtt.client import build_client
from daemon.mqtt.link import Link, LinkError, Waker

STABLE_SECONDS = 30.0
JOIN_SECONDS = 1.5


class LinkKeeper:
    """Opens a link, calls `serve` with it until that returns or fails, and again, with growing waits in between.

    `prepare` is called before each attempt and `left` after it, both on the thread, as is `serve`, which ends by a
    LinkError or by itself when it finds `stopping`. `waiting` is what the `log` says of the work that is left undone
    while the broker is absent. Raises ConfigError at construction when the settings can't work.
    """

    def __init__(
        self,
        *,
        name: str,
        log: logging.Logger,
        role: str = "",
        settings: Mqtt,
        device_id: str,
        serve: Callable[[Link], None],
        left: Callable[[], None],
        waiting: str,
        prepare: Callable[[], None] = lambda: None,
        backoff: Backoff | None = None,
    ) -> None:
        build_client(settings, device_id, role=role)
        self._name, self._log = name, log
        self._role, self._settings, self._device_id = role, settings, device_id
        self._prepare, self._serve, self._left, self._waiting = prepare, serve, left, waiting
        self._backoff = backoff or Backoff()
        self._waker, self._stop = Waker(), threading.Event()
        self._changes = Changes()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def wake(self) -> None:
        """End a wait of the link, if there is one: there is something to do. From any thread."""
        self._waker.wake()

    def close(self) -> None:
        """End; returns within 2 s whatever the broker does.

        A thread that is stuck in a name look-up or a TLS handshake is left behind: it ends by itself and does nothing.
        """
        self._stop.set()
        self._waker.wake()
        if self._thread.ident is None:
            self._waker.close()
        else:
            self._thread.join(JOIN_SECONDS)

    def tell(self, level: int, state: str) -> None:
        """Log a change of the connection; the same failure at every attempt is no news."""
        if self._changes.news(state):
            self._log.log(level, "%s: %s", self._name, state)

    def _run(self) -> None:
        while not self._stop.is_set():
            started = time.monotonic()
            try:
                self._visit()
            except (LinkError, AutherError) as error:
                self.tell(logging.WARNING, f"{error}; {self._waiting}")
            except Exception as error:
                if self._changes.news(repr(error)):
                    self._log.exception("%s: unexpected failure; trying again", self._name)
            finally:
                self._left()
            if time.monotonic() - started > STABLE_SECONDS:
                self._backoff.reset()
            self._stop.wait(self._backoff.next())
        self._waker.close()

    def _visit(self) -> None:
        self._prepare()
        client = build_client(self._settings, self._device_id, role=self._role)
        link = Link(client=client, host=self._settings.host, port=self._settings.port, waker=self._waker)
        try:
            link.open(self._stop.is_set)
            if not self._stop.is_set():
                self._serve(link)
                link.disconnect()
        finally:
            link.close()
