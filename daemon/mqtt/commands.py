"""Commands from the building: what they look like, and the gate that decides whether one may act. No I/O here."""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from daemon.errors import StoreError
from daemon.timestamps import from_iso

MAX_BYTES = 4096
ENROL_SECONDS = 60


class Refusal(str, Enum):
    """Why a command does not act; the values are part of the MQTT contract."""

    MALFORMED = "malformed"
    UNKNOWN = "unknown_command"
    RETAINED = "retained"
    FORBIDDEN = "forbidden"
    EXPIRED = "expired"
    STALE = "stale"
    UNSIGNED = "unsigned"
    SIGNATURE = "bad_signature"
    DUPLICATE = "duplicate"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"


class Memory(str, Enum):
    """What a `SeenCommands` says of an id: never seen, seen, or no room to remember it."""

    NEW = "new"
    KNOWN = "known"
    FULL = "full"


class SeenCommands(Protocol):
    """Remembers ids across restarts. `remember` is durable when it returns NEW. Raises StoreError when it can't."""

    def remember(self, command_id: str, *, now: float, until: float) -> Memory: ...


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Unlock(_Model):
    """Unlock for `seconds`, or for the door's usual pulse."""

    seconds: Annotated[int, Field(ge=1, le=3600)] | None = None


class Lock(_Model):
    """Lock now, ending an unlock."""


class Lockdown(_Model):
    """On: nobody is granted until it is off again."""

    on: bool


class Enrol(_Model):
    """The next clear face within `seconds` becomes this person."""

    person_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:@-]{1,128}$")]
    seconds: Annotated[int, Field(ge=5, le=600)] = ENROL_SECONDS


class Reload(_Model):
    """Read the configuration again."""


class Health(_Model):
    """Answer with a snapshot of the terminal's health."""


Action = Unlock | Lock | Lockdown | Enrol | Reload | Health
ACTIONS: Mapping[str, type[Action]] = {
    "unlock": Unlock,
    "lock": Lock,
    "lockdown": Lockdown,
    "enrol": Enrol,
    "reload": Reload,
    "health": Health,
}


class Envelope(_Model):
    """The JSON of a command. `name` may be left out where the topic has it."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{8,64}$")]
    time: Annotated[str, Field(max_length=40)]
    name: str | None = None
    arguments: dict[str, Annotated[str, Field(max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")] | bool | int] = {}
    signature: str | None = None


@dataclass(frozen=True)
class Request:
    """A message on a command topic.

    `name` is the topic's last part ("" on `…/command` itself), `expiry` what the broker left of its time to live and
    `waited` how long it has been here since, both in seconds.
    """

    name: str
    payload: bytes
    retained: bool = False
    expiry: int | None = None
    waited: float = 0.0


@dataclass(frozen=True)
class Command:
    """A command that may act."""

    id: str
    name: str
    action: Action


@dataclass(frozen=True)
class Refused:
    """A command that may not; `id` and `name` as far as they could be read, `detail` says what to mend."""

    id: str | None
    name: str
    reason: Refusal
    detail: str


class _Refuse(Exception):
    def __init__(self, reason: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


def signed_text(device_id: str, name: str, envelope: Envelope) -> bytes:
    """What HMAC-SHA256 is computed over: lines that end in LF, UTF-8.

    `auther-command-1`, device, name, id, time as sent, then `key=value` for each argument as sent, sorted by key; whole
    numbers in decimal, `true` or `false`. No value can hold a line end.
    """
    lines = ["auther-command-1", device_id, name, envelope.id, envelope.time]
    for key, value in sorted(envelope.arguments.items()):
        lines.append(f"{key}={str(value).lower() if isinstance(value, bool) else value}")
    return "".join(f"{line}\n" for line in lines).encode()


def sign(key: bytes, device_id: str, name: str, envelope: Envelope) -> str:
    """The `signature` of a command, in hexadecimal."""
    return hmac.new(key, signed_text(device_id, name, envelope), hashlib.sha256).hexdigest()


class CommandGate:
    """Admits a command once, if it is allowed, fresh, not retained and (with a `key`) signed.

    `window_seconds` is how far the command's own time may be from this terminal's clock; a clock that is wrong refuses
    everything. The cheap checks go first, the memory of ids last, so that only what is genuine takes room in it.
    """

    def __init__(
        self,
        *,
        device_id: str,
        allowed: Collection[str],
        key: bytes | None,
        window_seconds: float,
        seen: SeenCommands,
    ) -> None:
        self._device_id, self._allowed, self._key = device_id, frozenset(allowed), key
        self._window, self._seen = window_seconds, seen

    def admit(self, request: Request, *, now: float) -> Command | Refused:
        """Judge a request at Unix time `now`."""
        envelope: Envelope | None = None
        name = request.name
        try:
            envelope = _parse(request.payload)
            name = _name_of(request, envelope)
            action = _action(name, envelope)
            self._check_way(request, name)
            self._check_time(request, envelope, now)
            self._check_signature(name, envelope)
            self._check_new(envelope, now)
        except _Refuse as refuse:
            return Refused(envelope.id if envelope else None, name, refuse.reason, refuse.detail)
        return Command(envelope.id, name, action)

    def _check_way(self, request: Request, name: str) -> None:
        if request.retained:
            raise _Refuse(Refusal.RETAINED, "commands must not be retained; clear the topic with an empty message")
        if name not in self._allowed:
            raise _Refuse(Refusal.FORBIDDEN, f"{name} is not among mqtt.commands of this terminal")

    def _check_time(self, request: Request, envelope: Envelope, now: float) -> None:
        if request.expiry is not None and request.waited >= request.expiry:
            raise _Refuse(Refusal.EXPIRED, "the message's expiry interval has passed")
        try:
            sent = from_iso(envelope.time)
        except ValueError as error:
            raise _Refuse(Refusal.MALFORMED, f"time: expected e.g. 2020-09-03T16:05:08.938Z: {error}") from None
        if abs(now - sent) > self._window:
            raise _Refuse(
                Refusal.STALE,
                f"time: {now - sent:+.1f} s from this terminal's clock, at most {self._window:g} s allowed",
            )

    def _check_signature(self, name: str, envelope: Envelope) -> None:
        if self._key is None:
            return
        if envelope.signature is None:
            raise _Refuse(Refusal.UNSIGNED, "signature: this terminal demands one")
        expected = sign(self._key, self._device_id, name, envelope)
        if not hmac.compare_digest(expected.encode(), envelope.signature.lower().encode()):
            raise _Refuse(Refusal.SIGNATURE, "signature: not the HMAC-SHA256 of this command with this terminal's key")

    def _check_new(self, envelope: Envelope, now: float) -> None:
        try:
            memory = self._seen.remember(envelope.id, now=now, until=from_iso(envelope.time) + self._window)
        except StoreError as error:
            raise _Refuse(Refusal.UNAVAILABLE, str(error)) from error
        if memory is Memory.KNOWN:
            raise _Refuse(Refusal.DUPLICATE, "id: a command with this id has been here before")
        if memory is Memory.FULL:
            raise _Refuse(Refusal.BUSY, "too many commands within the last seconds; try again later")


def _parse(payload: bytes) -> Envelope:
    if len(payload) > MAX_BYTES:
        raise _Refuse(Refusal.MALFORMED, f"{len(payload)} bytes, at most {MAX_BYTES} are read")
    try:
        return _ENVELOPE.validate_json(payload)
    except ValidationError as error:
        raise _Refuse(Refusal.MALFORMED, _explain(error)) from None


def _name_of(request: Request, envelope: Envelope) -> str:
    name = request.name or envelope.name
    if name is None:
        raise _Refuse(Refusal.MALFORMED, "name: missing, and the topic does not have it either")
    if envelope.name not in (None, name):
        raise _Refuse(Refusal.MALFORMED, f"name: {envelope.name!r} came on the topic of {name!r}")
    if name not in ACTIONS:
        raise _Refuse(Refusal.UNKNOWN, f"{name!r}: expected one of {', '.join(ACTIONS)}")
    return name


def _action(name: str, envelope: Envelope) -> Action:
    try:
        return ACTIONS[name].model_validate(envelope.arguments)
    except ValidationError as error:
        raise _Refuse(Refusal.MALFORMED, f"arguments: {_explain(error)}") from None


def _explain(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(": ".join([".".join(map(str, each["loc"])) or "command", each["msg"]]) for each in problems[:3])


_ENVELOPE = TypeAdapter(Envelope)
