"""What goes around every answer: the Request-Id, a line in the log, and no way out without an answer."""

import logging
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import unquote

import uuid_utils
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from daemon.api.endpoint import render_failure
from daemon.api.failures import failure_of
from daemon.log_line import fields

log = logging.getLogger(__name__)

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}

Observe = Callable[[str, int, float], None]

_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
# What a request to a proxy names before the path; a server has to take it too (RFC 9112, 3.2.2).
_ORIGIN = re.compile(rb"https?://[^/]*(?=/)", re.IGNORECASE)


class Envelope:
    """ASGI middleware, the outermost. A caller's own Request-Id is kept if it can stand in a log."""

    def __init__(self, app: ASGIApp, observe: Observe) -> None:
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if origin := _ORIGIN.match(scope.get("raw_path") or b""):
            raw = scope["raw_path"][origin.end() :]
            scope = {**scope, "path": unquote(raw.decode("ascii")), "raw_path": raw}
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        given = headers.get("request-id", "")
        request_id = given if _GIVEN.fullmatch(given) else str(uuid_utils.uuid7())
        state = scope.setdefault("state", {})
        state.update(request_id=request_id, key="-", operation="none", audit=None)
        status, started = 0, time.monotonic()

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                out = MutableHeaders(scope=message)
                out["Request-Id"] = request_id
                for name, value in HEADERS.items():
                    out.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            response = render_failure(failure_of(error, request_id=request_id))
            if not status:
                await response(scope, receive, send_with_headers)
        finally:
            took = time.monotonic() - started
            self._observe(state["operation"], status, took)
            # The path as it came: percent-encoded, so that nothing in it can end a line.
            path = (scope.get("raw_path") or b"?").decode("ascii", "backslashreplace")[:200]
            # What programs poll for years, and pages, are of no interest as long as they go well.
            log.log(
                logging.INFO if state["audit"] or status >= HTTPStatus.BAD_REQUEST else logging.DEBUG,
                "request %s key=%r %s %s %d %.0f ms",
                request_id,
                state["key"],
                scope["method"],
                path,
                status,
                took * 1000,
                extra=fields(said={"request_id": request_id, "operation": state["operation"], "status": status}),
            )
