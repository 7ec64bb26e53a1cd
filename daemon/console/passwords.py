"""Passwords of the console: which are taken, and how they are stored.

Rules are those of NIST SP 800-63B-4, 3.1.1.2: a length (15 where the password is all there is), no composition, no
expiry, a list of forbidden ones, Unicode in normal form. Hashes are scrypt (RFC 7914) with OWASP's parameters for
32 MiB (N = 2^15, r = 8, p = 3), which stand in the hash, so that later ones can be raised.
"""

import hmac
import secrets
import threading
import unicodedata
from dataclasses import dataclass
from hashlib import scrypt
from itertools import pairwise

from daemon.errors import Busy, PasswordRefused

LEAST, MOST = 15, 128
LOG_COST, BLOCK, PARALLEL = 15, 8, 3
QUEUE = 4

# Long ones that stand in lists of leaked passwords; what merely repeats or counts is seen by `_monotonous`.
_FORBIDDEN = frozenset(
    {
        "passwordpassword",
        "password1234567",
        "passwort1234567",
        "administratoradministrator",
        "administrator123",
        "adminadminadmin",
        "qwertyuiopasdfgh",
        "qwertyuiopasdfghjkl",
        "qwertzuiopasdfghjkl",
        "1qaz2wsx3edc4rfv",
        "1q2w3e4r5t6y7u8i",
        "letmeinletmeinletmein",
        "iloveyouiloveyou",
        "changemechangeme",
        "changeme12345678",
        "welcomewelcome1",
        "correcthorsebatterystaple",
        "correct horse battery staple",
        "auther-embedded",
        "autherembedded1",
        "trustno1trustno1",
        "thequickbrownfox",
    }
)


@dataclass(frozen=True)
class _Cost:
    log_n: int
    r: int
    p: int


_COST = _Cost(LOG_COST, BLOCK, PARALLEL)
_NOBODY = bytes(16)


class PasswordHasher:
    """One hash at a time: each takes 32 MiB and a third of a second of a server's core.

    Every method raises Busy when QUEUE others are at it: passwords must not take all threads that answer calls.
    """

    def __init__(self, *, log_cost: int = LOG_COST) -> None:
        self._cost = _Cost(log_cost, BLOCK, PARALLEL)
        self._room, self._lock = threading.Semaphore(QUEUE), threading.Lock()

    def hash(self, password: str) -> str:
        """`scrypt$log2 N$r$p$salt$hash`, salt and hash in hex."""
        salt = secrets.token_bytes(16)
        cost = self._cost
        return f"scrypt${cost.log_n}${cost.r}${cost.p}${salt.hex()}${self._derive(password, salt, cost).hex()}"

    def matches(self, password: str, stored: str | None) -> bool:
        """Whether it is that password; None, for a user that there is not, takes as long and never matches."""
        if stored is None:
            self._derive(password, _NOBODY, self._cost)
            return False
        _, log_n, r, p, salt, expected = stored.split("$")
        found = self._derive(password, bytes.fromhex(salt), _Cost(int(log_n), int(r), int(p)))
        return hmac.compare_digest(found, bytes.fromhex(expected))

    def _derive(self, password: str, salt: bytes, cost: _Cost) -> bytes:
        text = unicodedata.normalize("NFKC", password).encode()
        memory = 128 * cost.r * (2**cost.log_n + cost.p + 2)
        if not self._room.acquire(blocking=False):
            raise Busy("too many passwords at once; try again in a moment")
        try:
            with self._lock:
                return scrypt(text, salt=salt, n=2**cost.log_n, r=cost.r, p=cost.p, maxmem=2 * memory, dklen=32)
        finally:
            self._room.release()


def check_password(password: str, *, user: str) -> str:
    """Give back a password that may be taken. Raises PasswordRefused saying what is wanted."""
    text = unicodedata.normalize("NFKC", password)
    if len(text) < LEAST:
        raise PasswordRefused(f"password: expected at least {LEAST} characters; four or five words will do")
    if len(text) > MOST:
        raise PasswordRefused(f"password: expected at most {MOST} characters")
    if not text.isprintable():
        raise PasswordRefused("password: expected characters that can be typed, not control characters")
    plain = text.casefold()
    if plain in _FORBIDDEN or _monotonous(plain) or not plain.replace(user.casefold(), "").strip():
        raise PasswordRefused("password: this one is among the first that are tried; choose words that don't belong")
    return password


def _monotonous(text: str) -> bool:
    """Few different characters, a short piece over and over, or a run such as 12345… or zyxw…"""
    if len(set(text)) < 4:
        return True
    if any(text == (text[:size] * len(text))[: len(text)] for size in range(1, 6)):
        return True
    steps = {(ord(after) - ord(before)) for before, after in pairwise(text)}
    return steps <= {1, -9} or steps <= {-1, 9}
