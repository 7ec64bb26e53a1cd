"""What the application can fail with; each message names the file, field or person and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass


class AutherError(Exception):
    """Base of the application's own errors; the command line shows the message, and knows the exit status of each."""


class ConfigError(AutherError):
    """The configuration file is missing, unreadable or holds an impossible value."""


class StoreError(AutherError):
    """The store can't be opened, trusted or written."""


class PersonNotFound(AutherError):
    """Nobody is enrolled under that person_id."""


class PictureError(AutherError):
    """A picture can't be read: not a picture, damaged or too large."""


class PictureTooLarge(PictureError):
    """A picture has more bytes or pixels than are decoded."""


@dataclass(frozen=True)
class Refusal:
    """A picture that did not become a reference, and why."""

    name: str
    code: str
    message: str


class EnrolmentError(AutherError):
    """A picture can't become a reference; `code` is the criterion of the REST contract (F_001 to F_009).

    `refused` names every picture, where several were given.
    """

    def __init__(self, code: str, message: str, refused: Sequence[Refusal] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.refused = tuple(refused)


class DuplicateFace(EnrolmentError):
    """The face is enrolled under another id, `person_id`, which not every caller may be told."""

    def __init__(self, person_id: str) -> None:
        super().__init__("F_009", f"this face is enrolled as {person_id}; remove that person first")
        self.person_id = person_id


class AlreadyEnrolled(AutherError):
    """Somebody is enrolled under that person_id, and replacing was not asked for."""


class PersonIdError(AutherError):
    """A person_id holds characters it may not, or is empty or too long."""


class WrongKeyError(StoreError):
    """The master key is not the one that the store was made with."""


class BackupError(AutherError):
    """A backup can't be written, read, trusted or restored."""


class Busy(AutherError):
    """The vision thread has as much to do as it can take; try again in a moment."""


class Unavailable(AutherError):
    """The vision thread gives no answer: it is being stopped, or far too slow."""


class ApiKeyError(AutherError):
    """An API key can't be made, found or revoked."""


class AuditError(AutherError):
    """The audit trail can't be written, or was tampered with."""


class DoorError(AutherError):
    """The door can't do now what was asked of it."""


class SiteKeyError(ConfigError):
    """The key that the terminals of a site share is missing, malformed, open to others or in the way."""


class ConsoleError(AutherError):
    """Something about the console's users that can't be done."""


class PasswordRefused(ConsoleError):
    """A new password is too short, too long or too easily guessed."""


class NameTaken(ConsoleError):
    """There is somebody, or something, of that name already."""


class NoSuchUser(ConsoleError):
    """The console has no user of that name."""


class LogLevelError(AutherError):
    """A level of the log, or a logger, that there is not."""


class SupportError(AutherError):
    """A support bundle can't be written."""
