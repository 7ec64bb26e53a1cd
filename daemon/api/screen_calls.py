"""What a screen asks for: /screen/events and /screen/view, once it was let in."""

import threading
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from daemon.api.endpoint import render_failure
from daemon.api.failures import ApiError, failure_of
from daemon.api.operations import Stream
from daemon.api.stream import StreamAnswer
from daemon.config.screen import Screen
from daemon.errors import Busy
from daemon.live.pictures import LivePictures
from daemon.screen.board import SCREENS, ScreenBoard
from daemon.screen.stream import seen, told

Admit = Callable[[Request], Awaitable[None]]
"""Raises ApiError for whom the screen is not meant for."""


@dataclass(frozen=True, eq=False)
class ScreenParts:
    """What a screen shows. `build` names the files of its page."""

    settings: Screen
    board: ScreenBoard
    pictures: LivePictures
    build: str


class ScreenCalls:
    """Handlers of a screen's two calls, for those whom `admit` lets in."""

    def __init__(self, *, parts: ScreenParts, admit: Admit) -> None:
        self._parts, self._admit = parts, admit
        self._watching = threading.BoundedSemaphore(SCREENS)

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/screen/events", self._guarded("followScreen", self.events), methods=["GET"]),
            Route("/screen/view", self._guarded("watchScreen", self.view), methods=["GET"]),
        ]

    async def events(self) -> Response:
        """Raises Busy."""
        place = ExitStack()
        messages = place.enter_context(self._parts.board.listening())
        if messages is None:
            raise Busy("too many screens listen already; close one")
        shown = self._parts.settings.model_dump(include={"language", "view", "sound"})
        return StreamAnswer(Stream(told(messages, {**shown, "build": self._parts.build}), close=place.close))

    async def view(self) -> Response:
        """Raises ApiError where the view is not to be shown, and Busy."""
        if not self._parts.settings.view:
            raise ApiError("NF_003", "the camera's picture is not to be shown (screen.view)")
        if not self._watching.acquire(blocking=False):
            raise Busy("too many screens watch already; close one")
        pictures = seen(self._parts.pictures, fps=self._parts.settings.fps)
        return StreamAnswer(Stream(pictures, "application/octet-stream", close=self._watching.release))

    def _guarded(
        self, operation: str, handler: Callable[[], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            request.state.operation = operation
            try:
                await self._admit(request)
                return await handler()
            except Exception as error:
                return render_failure(failure_of(error, request_id=request.state.request_id))

        return serve
