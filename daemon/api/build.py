"""The API of this terminal: every part opened, every operation listed."""

import logging
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager

from starlette.routing import Route
from starlette.types import ASGIApp

from daemon.api.application import build_application
from daemon.api.auth import Callers
from daemon.api.documentation import with_documentation
from daemon.api.endpoint import Guards
from daemon.api.limits import Admission
from daemon.api.listing import Opened, every_operation
from daemon.api.monitoring import add_gauges
from daemon.api.screen_admission import admit_keys
from daemon.api.screen_calls import ScreenCalls, ScreenParts
from daemon.api.server import ApiServer
from daemon.api.signatures import SignatureCheck
from daemon.api.terminal import Terminal
from daemon.audit import open_audit
from daemon.config.settings import Settings
from daemon.console.access import open_console_access
from daemon.console.history import History
from daemon.keys import KeyRing, open_keys
from daemon.mqtt.command_log import CommandLog
from daemon.tls import ensure_signing_key, public_pem
from daemon.web.assets import packaged_assets
from daemon.web.pages import page_routes

log = logging.getLogger(__name__)

NONCES = 20_000
WAITING = 32
THREADS = 16
BODY_SECONDS = 20.0
PAGES = {
    "/screen": "screen/index.html",
    "/console": "console/index.html",
    "/favicon.ico": "shared/icon.svg",
}


@contextmanager
def serve_api(terminal: Terminal) -> Iterator[ApiServer | None]:
    """Within, the API is served, if it is enabled. Raises nothing: what fails is logged and tried again."""
    settings = terminal.settings
    if not settings.api.enabled:
        yield None
        return
    add_gauges(
        terminal.metrics,
        gallery=terminal.gallery,
        jobs=terminal.jobs,
        outbox=terminal.outbox,
        vitals=terminal.vitals,
        camera=terminal.camera,
    )
    server = ApiServer(settings=settings.api, folder=settings.storage.folder, build=lambda: open_application(terminal))
    with terminal.jobs.watching(terminal.vitals.saw):
        stop = threading.Event()
        threading.Thread(target=terminal.temperatures.run, args=(stop,), name="temperature", daemon=True).start()
        server.start()
        try:
            yield server
        finally:
            stop.set()
            server.close()


@contextmanager
def open_application(terminal: Terminal) -> Iterator[ASGIApp]:
    """The application with its files open. Raises StoreError, AuditError, ApiKeyError."""
    settings, folder = terminal.settings.api, terminal.settings.storage.folder
    with ExitStack() as stack:
        keys = stack.enter_context(closing(open_keys(folder, terminal.store)))
        audit = stack.enter_context(closing(open_audit(folder, terminal.store, keep_days=settings.audit_days)))
        seen = stack.enter_context(closing(CommandLog(path=folder / "nonces.db", limit=NONCES)))
        signing_key = ensure_signing_key(folder / "signing.key")
        access = open_console_access(terminal.settings) if terminal.settings.console.enabled else None
        if access is not None and not access.users.all():
            log.warning("the console has no user yet; set it up at /console with the code %s", access.setup.code())
        threads = ThreadPoolExecutor(THREADS, thread_name_prefix="api")
        stack.callback(threads.shutdown, wait=False, cancel_futures=True)
        guards = Guards(
            callers=Callers(keys=keys, sessions=None if access is None else access.sessions),
            signatures=SignatureCheck(keys=keys, seen=seen),
            signing_key=signing_key,
            audit=audit,
            admission=Admission(slots=settings.max_pictures, waiting=WAITING),
            threads=threads,
            max_body_bytes=settings.max_body_bytes,
            body_seconds=BODY_SECONDS,
        )
        yield build_application(
            with_documentation(
                every_operation(
                    terminal,
                    Opened(
                        keys=keys,
                        audit=audit,
                        history=stack.enter_context(closing(History(path=folder / "events.db"))),
                        access=access,
                        public_key=public_pem(signing_key),
                    ),
                )
            ),
            guards,
            observe=terminal.metrics.call,
            pages=(*page_routes(packaged_assets(), _pages(terminal.settings)), *_screen(terminal.screen, keys)),
        )


def _screen(parts: ScreenParts | None, keys: KeyRing) -> list[Route]:
    return [] if parts is None else ScreenCalls(parts=parts, admit=admit_keys(keys)).routes


def _pages(settings: Settings) -> Mapping[str, str]:
    return {path: name for path, name in PAGES.items() if path != "/console" or settings.console.enabled}
