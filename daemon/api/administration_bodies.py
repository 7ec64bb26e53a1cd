"""What the calls on keys, backups, audit trail and log take and give."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from daemon.api.bodies import Asked, Body
from daemon.keys import LONGEST_NAME, NAME, Permission
from daemon.logs import LevelName
from daemon.signing import Algorithm
from daemon.storage.backupfile import LEAST_PASSPHRASE

KEY_NAME = f"^{NAME}$"
_TIME = {"format": "date-time"}
Moment = Annotated[str, Field(json_schema_extra=_TIME, examples=["2026-09-04T16:05:08.938Z"])]
AnyPermission = Annotated[Permission, Field(strict=False)]


class KeyBody(Body):
    """A key as it is known after it was made."""

    name: str
    id: str
    permissions: list[Permission]
    algorithm: Algorithm | None
    created: Moment
    used: Moment | None
    revoked: Moment | None


class KeyList(Body):
    """Every key ever made, oldest first."""

    keys: list[KeyBody]


class NewKey(Asked):
    """A key for a program. With `signed` its requests must be signed by the secret that is shown with it."""

    name: Annotated[str, Field(pattern=KEY_NAME, max_length=LONGEST_NAME, examples=["reception"])]
    permissions: Annotated[list[AnyPermission], Field(min_length=1, max_length=len(Permission))]
    signed: bool = False


class MadeKey(KeyBody):
    """The one time that `key`, and the `secret` of one that signs, are shown."""

    key: str
    secret: str | None


class BackupBody(Body):
    """A backup that lies at the terminal."""

    name: Annotated[str, Field(examples=["people-20260904T160508Z.backup"])]
    created: Moment
    bytes: int


class BackupList(Body):
    """Newest first."""

    backups: list[BackupBody]


class NewBackup(Asked):
    """What the backup is encrypted with. Nobody can read it who has lost the passphrase."""

    passphrase: Annotated[
        SecretStr, Field(min_length=LEAST_PASSPHRASE, max_length=1024, examples=["ten or more of it"])
    ]


class AuditEntry(Body):
    """Who did what to whom, and what came of it."""

    seq: int
    at: Moment
    who: str
    what: str
    whom: str | None
    result: str
    request_id: str | None


class AuditPage(Body):
    """Newest first; `next` is `before` of the next page, null at the end."""

    entries: list[AuditEntry]
    next: int | None
    verified: Annotated[
        bool | None, Field(description="Whether every line is as it was written; null unless it was asked for.")
    ]
    problem: Annotated[str | None, Field(description="Which line is not.")]


class LogLineBody(Body):
    """A line of the log."""

    at: Moment
    level: str
    logger: str
    message: str


class LogPage(Body):
    """The last lines that are kept in memory, newest last, and the least severity that is written now."""

    lines: list[LogLineBody]
    level: LevelName


class LogLevel(Asked):
    """The least severity written until the next start; of one logger of ours and those below it, or of all."""

    level: Literal["debug", "info", "warning", "error"]
    logger: Annotated[str, Field(max_length=128, examples=["daemon.mqtt"])] = ""


class LogLevelSet(Body):
    """The least severity that is written now."""

    level: LevelName
