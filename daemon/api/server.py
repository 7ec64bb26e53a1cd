"""The thread that serves the API. Its failures are logged and tried again; they are nobody else's."""

import errno
import logging
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import anyio
import uvicorn
from starlette.types import ASGIApp

from daemon.api.listener import BoundedListener, ImpatientLoop
from daemon.api.protocol import GuardedProtocol
from daemon.backoff import Backoff
from daemon.changes import Changes
from daemon.config.settings import Api
from daemon.errors import AutherError
from daemon.tls import ensure_certificate, fingerprint

log = logging.getLogger(__name__)

STOP_SECONDS = 1.0
KEEP_ALIVE_SECONDS = 30
HEADER_BYTES = 16 * 1024
BACKLOG = 512

Build = Callable[[], AbstractContextManager[ASGIApp]]


class PortTaken(AutherError):
    """Another program listens where the terminal should."""


class ApiServer:
    """Serves what `build` makes, anew after every failure, until it is closed.

    `build` runs on the server's thread, once there is a port: neither its work nor its errors are the terminal's.
    `name` is that of the settings' section too, but for its case.
    """

    def __init__(
        self, *, settings: Api, folder: Path, build: Build, name: str = "API", backoff: Backoff | None = None
    ) -> None:
        self._settings, self._folder, self._build, self._name = settings, folder, build, name
        self._backoff = backoff or Backoff()
        self._changes = Changes()
        self._stop = threading.Event()
        self._server: uvicorn.Server | None = None
        self._listening = threading.Event()
        self._port = 0
        self._thread = threading.Thread(target=self._run, name=name.lower(), daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def wait(self, timeout: float) -> int | None:
        """The port, once it is listened at; None when that took longer than `timeout` seconds."""
        return self._port if self._listening.wait(timeout) else None

    def close(self) -> None:
        """End; calls that are under way get a moment."""
        self._stop.set()
        if self._server is not None:
            self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(2 * STOP_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._serve()
            except (AutherError, OSError) as error:
                if self._changes.news(str(error)):
                    log.error("the %s is not served: %s; trying again", self._name, error)
            # uvicorn leaves by SystemExit where it can't go on.
            except (Exception, SystemExit):
                log.exception("the %s failed; trying again", self._name)
            self._listening.clear()
            self._stop.wait(self._backoff.next())

    def _serve(self) -> None:
        host, port = self._settings.host, self._settings.port
        with listen(host, port, section=self._name.lower()) as listener, self._build() as application:
            self._port = listener.getsockname()[1]
            server = uvicorn.Server(self._config(application))
            self._server = server
            if self._stop.is_set():
                return
            log.info("the %s is at %s port %d", self._name, host, self._port)
            self._changes.news("served")
            self._listening.set()
            anyio.run(partial(server.serve, sockets=[listener]), backend_options={"loop_factory": ImpatientLoop})

    def _config(self, application: ASGIApp) -> uvicorn.Config:
        certificate, key = self._papers() if self._settings.tls else (None, None)
        if certificate is not None:
            log.info("its certificate's SHA-256 fingerprint is %s", fingerprint(certificate))
        return uvicorn.Config(
            application,
            http=GuardedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=int(STOP_SECONDS),
            h11_max_incomplete_event_size=HEADER_BYTES,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )

    def _papers(self) -> tuple[Path, Path]:
        if self._settings.cert_file is not None and self._settings.key_file is not None:
            return self._settings.cert_file, self._settings.key_file
        return ensure_certificate(self._folder, names=self._settings.names)


def listen(host: str, port: int, *, section: str) -> BoundedListener:
    """Raises PortTaken naming the section's key, and OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    both = host == "::" and socket.has_dualstack_ipv6()
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG, dualstack_ipv6=both)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortTaken(
            f"another program has port {port} (`ss -ltnp` names it); stop it, or change {section}.port"
        ) from error
    # asyncio does so only for sockets that it made itself; without it every answer waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return BoundedListener(listener)
