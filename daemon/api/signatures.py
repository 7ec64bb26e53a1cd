"""Signed calls: the headers of a request checked, those of the answer made."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from daemon.api.failures import ApiError
from daemon.errors import Busy
from daemon.keys import ApiKey, KeyRing
from daemon.mqtt.commands import Memory, SeenCommands
from daemon.signing import Algorithm, Stamp, request_text, response_text, right_hmac, right_rsa, sign_rsa

WINDOW_SECONDS = 300
HEADERS = ("Signature-Timestamp", "Signature-Nonce", "Signature-Algorithm", "Signature")

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_NONCE = re.compile(r"[A-Za-z0-9._~+/=-]{8,64}")


@dataclass(frozen=True)
class SignedRequest:
    """What of a request its signature covers; `target` is path and query as sent."""

    method: str
    target: str
    body: bytes


class SignatureCheck:
    """Admits a signed request once, within WINDOW_SECONDS of its own time; `seen` remembers nonces over restarts."""

    def __init__(self, *, keys: KeyRing, seen: SeenCommands, clock: Callable[[], float] = time.time) -> None:
        self._keys, self._seen, self._clock = keys, seen, clock

    def check(self, key: ApiKey, headers: Mapping[str, str], request: SignedRequest) -> Stamp | None:
        """The stamp of a signed request; None where a key demands no signature and none came.

        Raises ApiError G_001, G_002, G_003, and Busy when there is no room for one more nonce.
        """
        given = {name: headers.get(name.lower(), "") for name in HEADERS}
        if not any(given.values()) and key.algorithm is None:
            return None
        for name, value in given.items():
            if not value:
                raise ApiError("G_001", f"the header {name} is missing; this request must be signed")
        stamp = _stamp(given)
        now = self._clock()
        if abs(now - stamp.timestamp) > WINDOW_SECONDS:
            raise ApiError("G_003", f"signed more than {WINDOW_SECONDS} s from the terminal's time; check both clocks")
        if not self._right(key, given, request_text(request.method, request.target, stamp, request.body)):
            raise ApiError("G_002")
        # After the check: nobody without the secret can fill the memory, or use up another's nonce.
        memory = self._seen.remember(f"{key.id}:{stamp.nonce}", now=now, until=stamp.timestamp + WINDOW_SECONDS)
        if memory is Memory.KNOWN:
            raise ApiError("G_003", "this nonce was used before; take a new one for each request")
        if memory is Memory.FULL:
            raise Busy("too many signed requests within five minutes; try again in a moment")
        return stamp

    def _right(self, key: ApiKey, given: Mapping[str, str], text: bytes) -> bool:
        if key.algorithm is None or given["Signature-Algorithm"] != key.algorithm.value:
            return False
        if key.algorithm is Algorithm.HMAC:
            return right_hmac(self._keys.secret(key), text, given["Signature"])
        return right_rsa(self._keys.public_key(key), text, given["Signature"])


def answer_headers(
    key: RSAPrivateKey, *, status: int, request_id: str, stamp: Stamp, body: bytes, now: float
) -> dict[str, str]:
    """The signature of the answer to a signed request."""
    own = Stamp(int(now), stamp.nonce)
    values = (str(own.timestamp), own.nonce, Algorithm.RSA.value)
    return dict(zip(HEADERS, (*values, sign_rsa(key, response_text(status, request_id, own, body))), strict=True))


def _stamp(given: Mapping[str, str]) -> Stamp:
    if not _TIMESTAMP.fullmatch(given["Signature-Timestamp"]):
        raise ApiError("G_002", "Signature-Timestamp: expected whole Unix seconds")
    if not _NONCE.fullmatch(given["Signature-Nonce"]):
        raise ApiError("G_002", "Signature-Nonce: expected 8 to 64 letters, digits or . _ ~ + / = -")
    return Stamp(int(given["Signature-Timestamp"]), given["Signature-Nonce"])
