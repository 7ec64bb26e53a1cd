"""Who calls, and whether it may do this: by a key in a header, or by the cookie of a session of the console."""

from collections.abc import Mapping

from daemon.api.caller import Caller, caller_with
from daemon.api.failures import ApiError
from daemon.console.sessions import SessionBook, right_csrf_token
from daemon.keys import ApiKey, KeyRing, Permission

LONGEST = 200
COOKIE = "auther_session"
SAFE_METHODS = frozenset({"GET", "HEAD"})

Headers = Mapping[str, str]


class Callers:
    """Finds out who calls. Without `sessions` only keys are taken."""

    def __init__(self, *, keys: KeyRing, sessions: SessionBook | None) -> None:
        self._keys, self._sessions = keys, sessions

    def identify(self, headers: Headers, token: str, *, method: str, touch: bool = True) -> Caller:
        """Who shows a key, or else a session's `token`. Raises ApiError A_001, A_002, A_004, A_005.

        A browser sends a session's cookie whoever's page asks: what changes something must show that it is ours.
        """
        if self._sessions is None or not token or shows_key(headers):
            return caller_with(authenticate(headers, self._keys))
        session = self._sessions.find(token, touch=touch) if len(token) <= LONGEST else None
        if session is None:
            raise ApiError("A_004", "the session is over; log in again")
        if method not in SAFE_METHODS and not right_csrf_token(token, headers.get("x-csrf-token", "")):
            raise ApiError("A_005", "X-CSRF-Token: expected the csrfToken of GET /console/session")
        return caller_with(session)

    def note_use(self, key: ApiKey) -> None:
        """A call was made with this key."""
        self._keys.touch(key)

    def holds(self, caller: Caller, token: str) -> bool:
        """Whether the key or session of somebody who listens is still good."""
        if isinstance(caller.proof, ApiKey):
            return self._keys.works(caller.proof)
        return self._sessions is not None and self._sessions.find(token, touch=False) is not None


def authenticate(headers: Headers, keys: KeyRing) -> ApiKey:
    """The key in `Api-Key`, or as a bearer token, which is what Prometheus sends. Raises ApiError A_001, A_002."""
    value = headers.get("api-key") or _bearer(headers.get("authorization", ""))
    if not value:
        raise ApiError("A_001", "the header Api-Key is missing; make a key with `auther keys create`")
    key = keys.find(value) if len(value) <= LONGEST else None
    if key is None:
        raise ApiError("A_002")
    return key


def authorise(caller: Caller, permission: Permission | None) -> None:
    """Raises ApiError A_003."""
    if permission is not None and not caller.may(permission):
        who = "this key" if isinstance(caller.proof, ApiKey) else f"the role {caller.proof.role.value}"
        raise ApiError("A_003", f"{who} may not do this; it needs the permission {permission.value}")


def shows_key(headers: Headers) -> bool:
    """Whether a request comes with a key of its own, which no browser adds by itself."""
    return "api-key" in headers or "authorization" in headers


def check_origin(headers: Headers) -> None:
    """Refuse what another site's page makes a browser send. Raises ApiError A_005.

    Browsers say where a request comes from by Sec-Fetch-Site (W3C Fetch Metadata), older ones, and plain HTTP, by
    Origin (RFC 6454) alone; programs that are no browsers say neither.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    own = origin is None or origin.partition("://")[2].lower() == headers.get("host", "").lower()
    if site not in {None, "same-origin"} or (site is None and not own):
        raise ApiError("A_005", "the request comes from another site's page")


def _bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
