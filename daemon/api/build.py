"""The API of this terminal: every part opened, every operation listed."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
from starlette.routing import Route
from starlette.types import ASGIApp

from daemon.api.administration import BackupCalls, KeyCalls, RecordCalls
from daemon.api.administration_operations import (
    backup_operations,
    key_operations,
    record_operations,
    settings_operations,
)
from daemon.api.application import build_application
from daemon.api.auth import Callers
from daemon.api.base64_pictures import PictureDecoder
from daemon.api.checks import CheckCalls, check_operations
from daemon.api.console_operations import session_operations, user_operations
from daemon.api.day import DayCalls
from daemon.api.device import DeviceCalls, DoorCommands, SecondFactor
from daemon.api.device_operations import device_operations, live_operation
from daemon.api.documentation import with_documentation
from daemon.api.endpoint import Guards
from daemon.api.event_operations import event_operations
from daemon.api.events import EventCalls
from daemon.api.limits import Admission
from daemon.api.live import LiveCalls, LiveParts
from daemon.api.monitoring import MonitoringCalls, add_gauges, monitoring_operations
from daemon.api.operations import Operation
from daemon.api.people import PeopleCalls, people_operations
from daemon.api.roster import RosterCalls
from daemon.api.roster_operations import roster_operations
from daemon.api.screen_admission import admit_keys
from daemon.api.screen_calls import ScreenCalls, ScreenParts
from daemon.api.server import ApiServer
from daemon.api.sessions import SessionCalls
from daemon.api.settings import SettingsCalls
from daemon.api.signatures import SignatureCheck
from daemon.api.users import UserCalls
from daemon.audit import AuditTrail, open_audit
from daemon.config.settings import Settings
from daemon.console.access import ConsoleAccess, open_console_access
from daemon.console.backups import FOLDER, BackupFolder
from daemon.console.history import History
from daemon.console.settings_file import SettingsFile
from daemon.console.temperatures import TemperatureLog
from daemon.door.attached import open_credentials
from daemon.enrolment.enroller import Enroller
from daemon.enrolment.event_pictures import EventPictures
from daemon.enrolment.images import ImageArchive
from daemon.enrolment.while_watching import LiveEnrolment
from daemon.events.live_feed import LiveFeed
from daemon.events.outbox import Outbox
from daemon.gallery.keeper import GalleryKeeper
from daemon.heat import read_heat
from daemon.keys import KeyRing, open_keys
from daemon.logs import LogKeeper
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


@dataclass(frozen=True, eq=False)
class Terminal:
    """What the API sees of the terminal. `networks` may be used from any thread.

    `restart` starts it anew with the file `config` as it is then (None: it runs on defaults), or raises ConfigError.
    """

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
    live: LiveParts | None = None
    restart: Callable[[], None] = lambda: None
    config: Path | None = None
    logs: LogKeeper = field(default_factory=LogKeeper)
    temperatures: TemperatureLog = field(default_factory=lambda: TemperatureLog(sensor=lambda: read_heat().celsius))
    screen: ScreenParts | None = None


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
        guards = Guards(
            callers=Callers(keys=keys, sessions=None if access is None else access.sessions),
            signatures=SignatureCheck(keys=keys, seen=seen),
            signing_key=signing_key,
            audit=audit,
            admission=Admission(slots=settings.max_pictures, waiting=WAITING),
            threads=anyio.CapacityLimiter(THREADS),
            max_body_bytes=settings.max_body_bytes,
            body_seconds=BODY_SECONDS,
        )
        yield build_application(
            with_documentation(
                (
                    *_event_operations(terminal, stack.enter_context(closing(History(path=folder / "events.db")))),
                    *_roster_operations(terminal),
                    *_live_operations(terminal),
                    *_operations(terminal, public_key=public_pem(signing_key)),
                    *_console_operations(terminal, access, audit=audit),
                    *_administration(terminal, keys=keys, audit=audit),
                )
            ),
            guards,
            observe=terminal.metrics.call,
            pages=(*page_routes(packaged_assets(), _pages(terminal.settings)), *_screen(terminal.screen, keys)),
        )


def _screen(parts: ScreenParts | None, keys: KeyRing) -> list[Route]:
    return [] if parts is None else ScreenCalls(parts=parts, admit=admit_keys(keys)).routes


def _operations(terminal: Terminal, *, public_key: str) -> tuple[Operation[Any], ...]:
    settings, pictures = terminal.settings, PictureDecoder()
    people = PeopleCalls(store=terminal.store, enroller=terminal.enroller, pictures=pictures)
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


def _pages(settings: Settings) -> Mapping[str, str]:
    return {path: name for path, name in PAGES.items() if path != "/console" or settings.console.enabled}


def _console_operations(
    terminal: Terminal, access: ConsoleAccess | None, *, audit: AuditTrail
) -> tuple[Operation[Any], ...]:
    """None where the console is off."""
    if access is None:
        return ()
    sessions = SessionCalls(access=access, audit=audit, settings=terminal.settings)
    return (*session_operations(sessions), *user_operations(UserCalls(users=access.users)))


def _event_operations(terminal: Terminal, history: History) -> tuple[Operation[Any], ...]:
    events = EventCalls(
        history=history, pictures=EventPictures(archive=ImageArchive(store=terminal.store)), clock=time.time
    )
    day = DayCalls(
        settings=terminal.settings,
        history=history,
        temperatures=terminal.temperatures,
        gallery=terminal.gallery,
        scale=terminal.networks.scale,
        clock=time.time,
    )
    return event_operations(events, day)


def _roster_operations(terminal: Terminal) -> tuple[Operation[Any], ...]:
    """With cards and PINs of its own view: the door takes up within a second what changes in their file."""
    credentials, _ = open_credentials(terminal.settings)
    calls = RosterCalls(
        store=terminal.store, gallery=terminal.gallery, credentials=credentials, rules=terminal.settings.rules
    )
    return roster_operations(calls)


def _administration(terminal: Terminal, *, keys: KeyRing, audit: AuditTrail) -> tuple[Operation[Any], ...]:
    file = SettingsFile(path=terminal.config)
    backups = BackupFolder(folder=terminal.settings.storage.folder / FOLDER, store=terminal.store)
    return (
        *settings_operations(SettingsCalls(running=terminal.settings, file=file, restart=terminal.restart)),
        *key_operations(KeyCalls(keys=keys)),
        *backup_operations(BackupCalls(backups=backups)),
        *record_operations(RecordCalls(audit=audit, logs=terminal.logs)),
    )


def _live_operations(terminal: Terminal) -> tuple[Operation[Any], ...]:
    if terminal.live is None:
        return ()
    calls = LiveCalls(
        parts=terminal.live,
        settings=terminal.settings,
        scale=terminal.networks.scale,
        enrolment=terminal.enrolment,
        vitals=terminal.vitals,
    )
    return (live_operation(calls),)
