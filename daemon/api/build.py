"""The API of this terminal: every part opened, every operation listed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
from starlette.types import ASGIApp

from daemon.api.application import build_application
from daemon.api.base64_pictures import PictureDecoder
from daemon.api.checks import CheckCalls, check_operations
from daemon.api.device import DeviceCalls, DoorCommands, SecondFactor
from daemon.api.device_operations import device_operations
from daemon.api.documentation import with_documentation
from daemon.api.endpoint import Guards
from daemon.api.limits import Admission
from daemon.api.monitoring import MonitoringCalls, add_gauges, monitoring_operations
from daemon.api.operations import Operation
from daemon.api.people import PeopleCalls, people_operations
from daemon.api.server import ApiServer
from daemon.api.signatures import SignatureCheck
from daemon.audit import open_audit
from daemon.config.settings import Settings
from daemon.enrolment.enroller import Enroller
from daemon.enrolment.while_watching import LiveEnrolment
from daemon.events.live_feed import LiveFeed
from daemon.events.outbox import Outbox
from daemon.gallery.keeper import GalleryKeeper
from daemon.keys import open_keys
from daemon.metrics import Metrics
from daemon.mqtt.command_log import CommandLog
from daemon.storage.store import Store
from daemon.tls import ensure_signing_key, public_pem
from daemon.vision.camera_state import CameraHealth
from daemon.vision.jobs import VisionJobs
from daemon.vision.matching import Matcher
from daemon.vision.recogniser import Networks
from daemon.vitals import Vitals
from daemon.web.assets import packaged_assets
from daemon.web.pages import page_routes

NONCES = 20_000
WAITING = 32
THREADS = 16
BODY_SECONDS = 20.0
PAGES = {
    "/screen": "screen/index.html",
    "/console": "console/index.html",
    "/favicon.ico": "shared/icon.svg",
}


@dataclass(frozen=True, eq=False)
class Terminal:
    """What the API sees of the terminal. `networks` may be used from any thread."""

    settings: Settings
    store: Store
    gallery: GalleryKeeper
    networks: Networks
    enroller: Enroller
    enrolment: LiveEnrolment
    jobs: VisionJobs
    outbox: Outbox
    feed: LiveFeed
    door: DoorCommands
    access: SecondFactor
    metrics: Metrics
    camera: Callable[[], CameraHealth]
    vitals: Vitals = field(default_factory=Vitals)


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
        server.start()
        try:
            yield server
        finally:
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
        guards = Guards(
            keys=keys,
            signatures=SignatureCheck(keys=keys, seen=seen),
            signing_key=signing_key,
            audit=audit,
            admission=Admission(slots=settings.max_pictures, waiting=WAITING),
            threads=anyio.CapacityLimiter(THREADS),
            max_body_bytes=settings.max_body_bytes,
            body_seconds=BODY_SECONDS,
        )
        yield build_application(
            with_documentation(_operations(terminal, public_key=public_pem(signing_key))),
            guards,
            observe=terminal.metrics.call,
            pages=page_routes(packaged_assets(), PAGES),
        )


def _operations(terminal: Terminal, *, public_key: str) -> tuple[Operation[Any], ...]:
    settings, pictures = terminal.settings, PictureDecoder()
    people = PeopleCalls(store=terminal.store, gallery=terminal.gallery, enroller=terminal.enroller, pictures=pictures)
    checks = CheckCalls(
        matcher=Matcher(networks=terminal.networks, gallery=terminal.gallery, store=terminal.store),
        pictures=pictures,
        identify_similarity=settings.api.identify_similarity,
        verify_similarity=settings.api.verify_similarity,
    )
    device = DeviceCalls(
        settings=settings,
        gallery=terminal.gallery,
        networks=terminal.networks,
        jobs=terminal.jobs,
        outbox=terminal.outbox,
        vitals=terminal.vitals,
        camera=terminal.camera,
        feed=terminal.feed,
        door=terminal.door,
        access=terminal.access,
        enrolment=terminal.enrolment,
        public_key=public_key,
    )
    monitoring = MonitoringCalls(store=terminal.store, camera=terminal.camera, metrics=terminal.metrics)
    return (
        *people_operations(people),
        *check_operations(checks),
        *device_operations(device),
        *monitoring_operations(monitoring),
    )
