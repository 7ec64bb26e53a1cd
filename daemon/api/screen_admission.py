"""Who may see the screen's streams: a browser on this machine at its own port, or whoever has a key for it."""

from anyio.to_thread import run_sync
from starlette.requests import Request

from daemon.api.auth import authenticate, authorise
from daemon.api.caller import caller_with
from daemon.api.failures import ApiError
from daemon.api.screen_calls import Admit
from daemon.keys import KeyRing, Permission

OWN_NAMES = frozenset({"127.0.0.1", "localhost"})
# RFC 7239, and what proxies wrote before it.
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


async def admit_own(request: Request) -> None:
    """For a port that only this machine reaches.

    What a proxy passed on comes from elsewhere, whatever it says; so does what a page of another site asks for, be it
    that the site's name was made to lead here (DNS rebinding).
    """
    headers = request.headers
    host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
    foreign = headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
    if host not in OWN_NAMES or foreign or any(name in headers for name in FORWARDED):
        raise ApiError("A_007", "this is for a browser on the terminal itself; elsewhere use the API's port and a key")


def admit_keys(keys: KeyRing) -> Admit:
    """With a key made for it. Signing is for requests that change something: a key that demands it is for those."""

    def check(request: Request) -> None:
        key = authenticate(request.headers, keys)
        authorise(caller_with(key), Permission.SCREEN)
        keys.touch(key)
        request.state.key = key.name
        if key.algorithm is not None:
            raise ApiError("G_001", "a screen can't sign; make a key without --signed for it")

    async def admit(request: Request) -> None:
        await run_sync(check, request)

    return admit
