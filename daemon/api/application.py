"""The ASGI application, built of its parts."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from daemon.api.endpoint import Endpoint, Guards, render_failure
from daemon.api.envelope import Envelope, Observe
from daemon.api.failures import CODES, Failure
from daemon.api.operations import Operation

_CODE_OF = {404: "NF_003", 405: "R_009"}


def build_application(
    operations: Iterable[Operation[Any]], guards: Guards, *, observe: Observe, pages: Sequence[BaseRoute] = ()
) -> Starlette:
    """Serve the operations and the pages; `observe` gets each call's id, status and seconds.

    A path's parameter takes what follows whole, so that an odd person_id is told as one.
    """
    by_path = groupby(sorted(operations, key=_turn), lambda operation: operation.path)
    routes = [
        _WholePath(
            path.replace("}", ":path}"), Endpoint(operations=own, guards=guards), methods=[one.method for one in own]
        )
        for path, own in ((path, list(group)) for path, group in by_path)
    ]
    return enveloped((*routes, *pages), observe=observe)


def _turn(operation: Operation[Any]) -> tuple[bool, int, str]:
    """When a request is held against a path: the shortest that is written out first, /identify among them."""
    segments = operation.path.count("/")
    # Of those with a parameter the longest first, or a parameter before it would take the rest whole.
    with_parameter = "{" in operation.path
    return with_parameter, -segments if with_parameter else segments, operation.path


def enveloped(routes: Sequence[BaseRoute], *, observe: Observe) -> Starlette:
    """An application of these routes whose every answer, also that to a wrong path, is one of this API."""
    application = Starlette(
        routes=routes, middleware=[Middleware(Envelope, observe=observe)], exception_handlers={HTTPException: _refused}
    )
    application.router.redirect_slashes = False
    return application


class _WholePath(Route):
    """A route whose parameter takes a line end too: Starlette's own would not know such a path."""

    def __init__(self, path: str, endpoint: ASGIApp, *, methods: list[str]) -> None:
        super().__init__(path, endpoint, methods=methods)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)


async def _refused(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = _CODE_OF.get(status, "S_001")
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return render_failure(Failure(code, CODES[code].meaning, headers))
