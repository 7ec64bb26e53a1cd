"""Every call that a terminal answers, made of its parts."""

import time
from dataclasses import dataclass
from typing import Any

from daemon.api.administration import BackupCalls, KeyCalls, RecordCalls
from daemon.api.administration_operations import (
    backup_operations,
    key_operations,
    record_operations,
    settings_operations,
)
from daemon.api.base64_pictures import PictureDecoder
from daemon.api.checks import CheckCalls, check_operations
from daemon.api.console_operations import session_operations, user_operations
from daemon.api.day import DayCalls
from daemon.api.device import DeviceCalls
from daemon.api.device_operations import device_operations, live_operation
from daemon.api.event_operations import event_operations
from daemon.api.events import EventCalls
from daemon.api.live import LiveCalls
from daemon.api.monitoring import MonitoringCalls, monitoring_operations
from daemon.api.operations import Operation
from daemon.api.people import PeopleCalls, people_operations
from daemon.api.roster import RosterCalls
from daemon.api.roster_operations import roster_operations
from daemon.api.sessions import SessionCalls
from daemon.api.settings import SettingsCalls
from daemon.api.terminal import Terminal
from daemon.api.users import UserCalls
from daemon.audit import AuditTrail
from daemon.console.access import ConsoleAccess
from daemon.console.backups import FOLDER, BackupFolder
from daemon.console.history import History
from daemon.console.settings_file import SettingsFile
from daemon.door.attached import open_credentials
from daemon.enrolment.event_pictures import EventPictures
from daemon.enrolment.images import ImageArchive
from daemon.keys import KeyRing
from daemon.vision.matching import Matcher


@dataclass(frozen=True, eq=False)
class Opened:
    """The API's own files; `access` is None where the console is off, `public_key` that of signed answers (PEM)."""

    keys: KeyRing
    audit: AuditTrail
    history: History
    access: ConsoleAccess | None
    public_key: str


def every_operation(terminal: Terminal, opened: Opened) -> tuple[Operation[Any], ...]:
    """Raises StoreError."""
    return (
        *_event_operations(terminal, opened.history),
        *_roster_operations(terminal),
        *_live_operations(terminal),
        *_operations(terminal, public_key=opened.public_key),
        *_console_operations(terminal, opened.access, audit=opened.audit),
        *_administration(terminal, keys=opened.keys, audit=opened.audit),
    )


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
    monitoring = MonitoringCalls(
        store=terminal.store,
        outbox=terminal.outbox,
        camera=terminal.camera,
        stuck=terminal.stuck,
        metrics=terminal.metrics,
    )
    return (
        *people_operations(people),
        *check_operations(checks),
        *device_operations(device),
        *monitoring_operations(monitoring),
    )


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
        store=terminal.store, gallery=terminal.gallery, credentials=credentials, settings=terminal.settings
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
