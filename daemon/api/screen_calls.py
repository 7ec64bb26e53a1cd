"""What a screen asks for: /screen/events and /screen/view, once it was let in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from daemon.api.endpoint import render_failure
from daemon.api.failures import ApiError, failure_of
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
        self._watching = 0

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/screen/events", self._guarded("followScreen", self.events), methods=["GET"]),
            Route("/screen/view", self._guarded("watchScreen", self.view), methods=["GET"]),
        ]

    async def events(self) -> Response:
        """Raises Busy."""
        board, settings = self._parts.board, self._parts.settings
        if board.full:
            raise Busy("too many screens listen already; close one")
        shown = settings.model_dump(include={"language", "view", "sound"})
        return StreamingResponse(told(board, {**shown, "build": self._parts.build}), media_type="text/event-stream")

    async def view(self) -> Response:
        """Raises ApiError where the view is not to be shown, and Busy."""
        if not self._parts.settings.view:
            raise ApiError("NF_003", "the camera's picture is not to be shown (screen.view)")
        if self._watching >= SCREENS:
            raise Busy("too many screens watch already; close one")
        return StreamingResponse(self._seen(), media_type="application/octet-stream")

    async def _seen(self) -> AsyncIterator[bytes]:
        self._watching += 1
        try:
            async for picture in seen(self._parts.pictures, fps=self._parts.settings.fps):
                yield picture
        finally:
            self._watching -= 1

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
