"""The list of the calls by which a terminal is administered."""

from functools import partial
from typing import Any

from daemon.api.administration import BackupCalls, KeyCalls, RecordCalls
from daemon.api.administration_bodies import (
    KEY_NAME,
    AuditPage,
    BackupBody,
    BackupList,
    KeyBody,
    KeyList,
    LogLevel,
    LogLevelSet,
    LogPage,
    MadeKey,
    NewBackup,
    NewKey,
)
from daemon.api.device_operations import BODY_CODES
from daemon.api.operations import NoBody, Operation, Parameter
from daemon.api.parameters import ANY_TEXT, before_parameter, limit_parameter
from daemon.api.settings import SettingsCalls
from daemon.api.settings_bodies import Restarting, SettingsBody, SettingsChange, SettingsChanged
from daemon.console.backups import NAME
from daemon.keys import LONGEST_NAME, Permission
from daemon.logs import KEPT, LEVELS

TAG = "Administration"
KEY = Parameter(
    "name",
    "path",
    "The key's name.",
    {"type": "string", "pattern": KEY_NAME, "maxLength": LONGEST_NAME},
    "reception",
)
BACKUP = Parameter(
    "name", "path", "The backup's name.", {"type": "string", "pattern": f"^{NAME}$"}, "people-20260904T160508Z.backup"
)
WHO = Parameter("who", "query", "Only of this caller.", ANY_TEXT, "console:anna")
VERIFY = Parameter("verify", "query", "Also check every line.", {"type": "string", "enum": ["true"]}, "true")
LEVEL = Parameter("level", "query", "Of at least this.", {"type": "string", "enum": list(LEVELS)}, "warning")

_call = partial(Operation, tag=TAG)


def settings_operations(calls: SettingsCalls) -> tuple[Operation[Any], ...]:
    """The configuration, and starting anew with it."""
    described = partial(_call, permission=Permission.SETTINGS, durable=True)
    return (
        described(
            id="getSettings",
            method="GET",
            path="/device/settings",
            summary="The configuration as a form",
            description="Every key with its value in the file, kind, bounds and meaning.",
            handler=calls.show,
            body=NoBody,
            answer=SettingsBody,
            codes=("C_003",),
            audit="read settings",
        ),
        described(
            id="changeSettings",
            method="PUT",
            path="/device/settings",
            summary="Change the configuration",
            description="All of it or nothing, checked as at a start; comments in the file stay. What would lock out "
            "who makes the change wants `confirm`. Paths, tables and back ends are changed at the terminal.",
            handler=calls.change,
            body=SettingsChange,
            answer=SettingsChanged,
            codes=(*BODY_CODES, "C_001", "C_002", "C_003"),
            example={"changes": {"door.pulse_seconds": 5.0}},
            audit="change settings",
            subject=lambda body: ", ".join(sorted(body.changes)),
        ),
        described(
            id="restart",
            method="POST",
            path="/device/restart",
            summary="Start anew",
            description="With the configuration as it is in the file; the door is locked meanwhile.",
            handler=calls.restart,
            body=NoBody,
            answer=Restarting,
            codes=("C_003",),
            audit="restart",
        ),
    )


def key_operations(calls: KeyCalls) -> tuple[Operation[Any], ...]:
    """Keys of programs."""
    described = partial(_call, permission=Permission.KEYS, durable=True)
    return (
        described(
            id="listKeys",
            method="GET",
            path="/device/keys",
            summary="Every key ever made",
            description="With its last use.",
            handler=calls.all,
            body=NoBody,
            answer=KeyList,
            audit="list keys",
        ),
        described(
            id="createKey",
            method="POST",
            path="/device/keys",
            summary="Make a key",
            description="Its value is shown once. Nobody makes a key that may more than they do.",
            handler=calls.create,
            body=NewKey,
            answer=MadeKey,
            codes=(*BODY_CODES, "R_013"),
            example={"name": "reception", "permissions": ["identify"]},
            audit="create key",
            subject=lambda body: body.name,
        ),
        described(
            id="revokeKey",
            method="DELETE",
            path="/device/keys/{name}",
            summary="Revoke a key",
            description="From then on it opens nothing.",
            handler=calls.revoke,
            body=NoBody,
            answer=KeyBody,
            parameters=(KEY,),
            codes=("NF_004",),
            audit="revoke key",
        ),
    )


def backup_operations(calls: BackupCalls) -> tuple[Operation[Any], ...]:
    """Backups at the terminal."""
    return (*_backups(calls), *_one_backup(calls))


def _backups(calls: BackupCalls) -> tuple[Operation[Any], ...]:
    described = partial(_call, permission=Permission.BACKUPS, durable=True)
    return (
        described(
            id="listBackups",
            method="GET",
            path="/device/backups",
            summary="Which backups lie at the terminal",
            description="Newest first. Restoring is for who is at the terminal: `auther restore`.",
            handler=calls.all,
            body=NoBody,
            answer=BackupList,
            codes=("B_001",),
            audit="list backups",
        ),
        described(
            id="makeBackup",
            method="POST",
            path="/device/backups",
            summary="Back up everybody",
            description="Encrypted with the passphrase, which is stored nowhere.",
            handler=calls.make,
            body=NewBackup,
            answer=BackupBody,
            codes=(*BODY_CODES, "B_001"),
            example={"passphrase": "ten or more of it"},
            audit="make backup",
        ),
    )


def _one_backup(calls: BackupCalls) -> tuple[Operation[Any], ...]:
    described = partial(
        _call, permission=Permission.BACKUPS, durable=True, path="/device/backups/{name}", parameters=(BACKUP,)
    )
    return (
        described(
            id="downloadBackup",
            method="GET",
            summary="Download a backup",
            description="The encrypted file.",
            handler=calls.download,
            body=NoBody,
            answer="application/octet-stream",
            codes=("NF_004",),
            audit="download backup",
        ),
        described(
            id="removeBackup",
            method="DELETE",
            summary="Remove a backup",
            description="Answers with those that are left.",
            handler=calls.remove,
            body=NoBody,
            answer=BackupList,
            codes=("NF_004", "B_001"),
            audit="remove backup",
        ),
    )


def record_operations(calls: RecordCalls) -> tuple[Operation[Any], ...]:
    """The audit trail and the log."""
    return (
        _call(
            id="getAudit",
            method="GET",
            path="/device/audit",
            summary="Who did what",
            description="The audit trail, newest first, in pages.",
            handler=calls.audit,
            body=NoBody,
            answer=AuditPage,
            permission=Permission.AUDIT,
            parameters=(limit_parameter(), before_parameter(), WHO, VERIFY),
            codes=("R_011",),
            audit="read audit trail",
        ),
        _call(
            id="getLogs",
            method="GET",
            path="/device/logs",
            summary="The last lines of the log",
            description="Those that are kept in memory, oldest first.",
            handler=calls.logs,
            body=NoBody,
            answer=LogPage,
            permission=Permission.SETTINGS,
            parameters=(limit_parameter(KEPT), LEVEL),
            codes=("R_011",),
        ),
        _call(
            id="setLogLevel",
            method="PUT",
            path="/device/log-level",
            summary="How much is logged",
            description="Until the next start; `log.level` of the configuration is for longer.",
            handler=calls.set_level,
            body=LogLevel,
            answer=LogLevelSet,
            permission=Permission.SETTINGS,
            codes=BODY_CODES,
            example={"level": "debug"},
            audit="set log level",
            subject=lambda body: f"{body.logger} {body.level}".strip(),
        ),
    )
