"""What the application can fail with; each message names the file, field or person and what to do."""


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


class EnrolmentError(AutherError):
    """A picture can't become a reference; `code` is the criterion of the REST contract (F_001 to F_009)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class AlreadyEnrolled(AutherError):
    """Somebody is enrolled under that person_id, and replacing was not asked for."""


class PersonIdError(AutherError):
    """A person_id holds characters it may not, or is empty or too long."""


class WrongKeyError(StoreError):
    """The master key is not the one that the store was made with."""


class BackupError(AutherError):
    """A backup can't be written, read, trusted or restored."""


class DoorError(AutherError):
    """The door can't do now what was asked of it."""


class SiteKeyError(ConfigError):
    """The key that the terminals of a site share is missing, malformed, open to others or in the way."""
