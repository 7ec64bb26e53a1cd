"""Who is logged in. A session is 256 random bits in a cookie; the terminal keeps only their hash, over restarts too."""

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from daemon.console.document import Content, SealedDocument
from daemon.console.roles import Role
from daemon.console.users import User, UserBook

FILE_NAME = "console-sessions"
SESSIONS_OF_ONE = 10
# How late the time of last use may stand in the file.
TOUCH_SECONDS = 60.0
_TOKEN_CHARACTERS = 43


@dataclass(frozen=True)
class Session:
    """A login that holds; times are Unix seconds. `id` names it and opens nothing."""

    id: str
    user: str
    role: Role
    expires: float


@dataclass(frozen=True)
class Limits:
    """How long a session may be unused, and how long it lasts at all, seconds."""

    idle_seconds: float
    longest_seconds: float


class SessionBook:
    """All sessions. Any thread may call; every method raises StoreError when the file can't be used."""

    def __init__(
        self, *, document: SealedDocument, users: UserBook, limits: Limits, clock: Callable[[], float] = time.time
    ) -> None:
        self._document, self._users, self._limits, self._clock = document, users, limits, clock

    def open(self, user: User) -> tuple[str, Session]:
        """A new session and the token that is shown only now; of one user the oldest gives way to the eleventh."""
        token, now = secrets.token_urlsafe(32), self._clock()
        record = {"user": user.name, "generation": user.generation, "opened": now, "used": now}

        def put(sessions: Content) -> Content:
            kept = {one: known for one, known in sessions.items() if self._holds(known) is not None}
            own = sorted((known["opened"], one) for one, known in kept.items() if known["user"] == user.name)
            for _, oldest in own[: max(0, len(own) + 1 - SESSIONS_OF_ONE)]:
                del kept[oldest]
            return {**kept, _digest(token): record}

        self._document.change(put)
        return token, self._session(_digest(token), record, user)

    def find(self, token: str, *, touch: bool = True) -> Session | None:
        """The session of a token, if it still holds; with `touch` it counts as used now."""
        if len(token) != _TOKEN_CHARACTERS:
            return None
        digest = _digest(token)
        known = self._document.read().get(digest)
        user = None if known is None else self._holds(known)
        if known is None or user is None:
            return None
        now = self._clock()
        if touch and abs(now - known["used"]) >= min(TOUCH_SECONDS, self._limits.idle_seconds / 2):
            known = {**known, "used": now}
            self._document.change(lambda sessions: {**sessions, digest: known} if digest in sessions else sessions)
        return self._session(digest, known, user)

    def close(self, token: str) -> None:
        """End a session; nothing happens when it is over already."""
        gone = _digest(token)
        self._document.change(lambda sessions: {one: known for one, known in sessions.items() if one != gone})

    def _holds(self, known: Mapping[str, Any]) -> User | None:
        """Whose it is, unless it is over."""
        now = self._clock()
        idle, age = now - known["used"], now - known["opened"]
        if idle > self._limits.idle_seconds or age > self._limits.longest_seconds:
            return None
        user = self._users.find(known["user"])
        return user if user is not None and user.generation == known["generation"] else None

    def _session(self, digest: str, known: Mapping[str, Any], user: User) -> Session:
        expires = min(known["used"] + self._limits.idle_seconds, known["opened"] + self._limits.longest_seconds)
        return Session(digest[:16], user.name, user.role, expires)


def csrf_token(token: str) -> str:
    """What a page of ours sends beside the cookie: made of the cookie, which no other site's page can read."""
    return hmac.digest(token.encode(), b"auther csrf", "sha256").hex()


def right_csrf_token(token: str, given: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(csrf_token(token).encode(), given.encode())


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
