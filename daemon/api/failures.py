"""What a call can fail with: the codes of the contract, and which of them each error of the application is."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType

from daemon.errors import (
    AlreadyEnrolled,
    AutherError,
    BackupError,
    Busy,
    ConsoleError,
    DoorError,
    EnrolmentError,
    NameTaken,
    NoSuchUser,
    PasswordRefused,
    PersonIdError,
    PersonNotFound,
    PictureError,
    PictureTooLarge,
    Unavailable,
)

log = logging.getLogger(__name__)

RETRY_SECONDS = 1


@dataclass(frozen=True)
class Code:
    """A code's HTTP status, its family in a word, and what it means."""

    status: int
    type: str
    meaning: str


CODES: Mapping[str, Code] = MappingProxyType(
    {
        "F_001": Code(400, "face", "No face in the picture"),
        "F_002": Code(400, "face", "More than one face in the picture"),
        "F_003": Code(400, "face", "The face is too small"),
        "F_004": Code(400, "face", "Not looking straight ahead"),
        "F_005": Code(400, "face", "The face is blurred"),
        "F_006": Code(400, "face", "The face is too dark or too bright"),
        "F_007": Code(400, "face", "Eyes closed or face covered"),
        "F_008": Code(400, "face", "Not a live face"),
        "F_009": Code(400, "face", "This face is enrolled under another person_id"),
        "F_010": Code(400, "face", "The face does not match this person"),
        "R_001": Code(400, "request", "The body is not JSON"),
        "R_002": Code(400, "request", "Request body exception: a field is missing, unknown or wrong"),
        "R_003": Code(400, "request", "The picture is not Base64"),
        "R_004": Code(400, "request", "Not a JPEG, PNG, WebP or BMP picture, or a damaged one"),
        "R_005": Code(413, "request", "Too many bytes or pixels"),
        "R_006": Code(400, "request", "Not a person_id: 1 to 128 of A-Z a-z 0-9 . _ : @ -"),
        "R_007": Code(400, "request", "The person_id is taken"),
        "R_008": Code(415, "request", "The body must be sent as application/json"),
        "R_009": Code(405, "request", "This path does not know the method"),
        "R_010": Code(408, "request", "The body did not arrive in time"),
        "R_011": Code(400, "request", "A parameter of the query is wrong"),
        "R_012": Code(400, "request", "The password can't be taken: too short, too long or easily guessed"),
        "R_013": Code(409, "request", "The name is taken"),
        "NF_001": Code(404, "not_found", "Face not found in collection"),
        "NF_002": Code(410, "not_found", "Nobody matches"),
        "NF_003": Code(404, "not_found", "There is no such call"),
        "NF_004": Code(404, "not_found", "There is nothing of that name or number"),
        "A_001": Code(401, "authorisation", "The header Api-Key is missing, and there is no session"),
        "A_002": Code(401, "authorisation", "The key is unknown or revoked"),
        "A_003": Code(403, "authorisation", "The key may not do this"),
        "A_004": Code(401, "authorisation", "The session is over"),
        "A_005": Code(403, "authorisation", "The header X-CSRF-Token is missing or wrong, or another site's page asks"),
        "A_006": Code(401, "authorisation", "User, password or set-up code is wrong"),
        "A_007": Code(403, "authorisation", "Only a page of this machine itself gets this without a key"),
        "G_001": Code(401, "signature", "This key's requests must be signed"),
        "G_002": Code(401, "signature", "The signature is wrong"),
        "G_003": Code(401, "signature", "The signature is too old, or its nonce was used before"),
        "L_001": Code(429, "limit", "Too much to do; try again after Retry-After seconds"),
        "L_002": Code(503, "limit", "The networks give no answer; try again after Retry-After seconds"),
        "L_003": Code(429, "limit", "Too many wrong passwords; try again after Retry-After seconds"),
        "D_001": Code(409, "door", "The door can't do this now"),
        "C_001": Code(409, "configuration", "The configuration file can't be changed from here"),
        "C_002": Code(409, "configuration", "This would lock you out; send it with `confirm` if it is meant"),
        "C_003": Code(409, "configuration", "The configuration as it is in the file can't be started with"),
        "B_001": Code(409, "backup", "The backup can't be written: too many are kept, or the disk is full"),
        "S_001": Code(500, "server", "Internal error; tell the Request-Id to who runs the terminal"),
    }
)


@dataclass(frozen=True)
class Problem:
    """What is wrong with one key of the configuration."""

    field: str
    message: str


@dataclass(frozen=True)
class Failure:
    """The answer to a call that failed."""

    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def status(self) -> int:
        return CODES[self.code].status

    @property
    def body(self) -> dict[str, object]:
        body: dict[str, object] = {"code": self.code, "type": CODES[self.code].type, "message": self.message}
        if self.problems:
            body["problems"] = [asdict(problem) for problem in self.problems]
        return body


class ApiError(AutherError):
    """A call can't be served; `code` is one of CODES and says with which status.

    `wait` are the seconds after which to try again, where the code is of the family `limit`.
    """

    def __init__(
        self, code: str, message: str | None = None, *, wait: float = RETRY_SECONDS, problems: Sequence[Problem] = ()
    ) -> None:
        super().__init__(message or CODES[code].meaning)
        self.code, self.wait, self.problems = code, wait, tuple(problems)


_KNOWN: tuple[tuple[type[AutherError], str], ...] = (
    (AlreadyEnrolled, "R_007"),
    (PasswordRefused, "R_012"),
    (NameTaken, "R_013"),
    (NoSuchUser, "NF_004"),
    (ConsoleError, "R_002"),
    (BackupError, "B_001"),
    (PersonNotFound, "NF_001"),
    (PersonIdError, "R_006"),
    (PictureTooLarge, "R_005"),
    (PictureError, "R_004"),
    (Busy, "L_001"),
    (DoorError, "D_001"),
    (Unavailable, "L_002"),
)


def failure_of(error: Exception, *, request_id: str) -> Failure:
    """The answer to a call that raised. What is not meant for callers is logged and answered with S_001."""
    if isinstance(error, ApiError):
        return _failure(error.code, str(error), wait=error.wait, problems=error.problems)
    if isinstance(error, EnrolmentError):
        return _failure(error.code, str(error))
    for kind, code in _KNOWN:
        if isinstance(error, kind):
            # The page promises these words; what the store says instead is for people at the terminal.
            return _failure(code, CODES[code].meaning if code == "NF_001" else str(error))
    log.error("request %s failed: %s", request_id, error, exc_info=error)
    return _failure("S_001", CODES["S_001"].meaning)


def _failure(code: str, message: str, *, wait: float = RETRY_SECONDS, problems: tuple[Problem, ...] = ()) -> Failure:
    headers = {"Retry-After": str(math.ceil(wait))} if CODES[code].type == "limit" else {}
    return Failure(code, message, headers, problems)
