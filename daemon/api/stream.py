"""Live events as server-sent events (WHATWG HTML, 9.2)."""

import json
import queue
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

import anyio
from anyio.to_thread import run_sync
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from daemon.api.operations import Stream
from daemon.events.live_feed import LISTENERS, Happening

POLL_SECONDS = 1.0
# Silence is broken so that both ends notice when the other is gone.
COMMENT_SECONDS = 15.0
# A key that was revoked meanwhile gets no further than this; browsers come back by themselves.
LONGEST_SECONDS = 600.0


class StreamAnswer(StreamingResponse):
    """Answers with a stream and closes it; to HEAD with its headers alone."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream.chunks, headers=dict(stream.headers), media_type=stream.media_type)
        self._close = stream.close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] == "HEAD":
                await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
                await send({"type": "http.response.body", "body": b""})
            else:
                await super().__call__(scope, receive, send)
        finally:
            self._close()


async def events_of(
    happenings: "queue.Queue[Happening]", *, clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[str]:
    """One chunk an event, and comments in between."""
    limiter = anyio.CapacityLimiter(LISTENERS)
    yield ": listening\n\n"
    begun = quiet_since = clock()
    while clock() - begun < LONGEST_SECONDS:
        happening = await run_sync(_next, happenings, limiter=limiter, abandon_on_cancel=True)
        if happening is not None:
            yield chunk(happening)
            quiet_since = clock()
        elif clock() - quiet_since >= COMMENT_SECONDS:
            yield ": nothing happens\n\n"
            quiet_since = clock()


async def while_admitted(
    chunks: AsyncIterator[str | bytes],
    holds: Callable[[], Awaitable[bool]],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[str | bytes]:
    """The chunks as long as `holds`, which is asked about each second."""
    asked = clock()
    async with aclosing(chunks) as open_chunks:  # type: ignore[type-var]
        async for chunk in open_chunks:
            if clock() - asked >= POLL_SECONDS:
                asked = clock()
                if not await holds():
                    return
            yield chunk


def chunk(happening: Happening) -> str:
    """One event; JSON holds no line end that could end it early."""
    number = f"id: {happening['seq']}\n" if "seq" in happening else ""
    return f"{number}event: {happening.get('kind', 'message')}\ndata: {json.dumps(happening)}\n\n"


def _next(happenings: "queue.Queue[Happening]") -> Happening | None:
    try:
        return happenings.get(timeout=POLL_SECONDS)
    except queue.Empty:
        return None
