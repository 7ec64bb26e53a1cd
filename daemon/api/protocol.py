"""HTTP/1.1 with limits that uvicorn leaves to a proxy: of time, of what is no body, and of connections.

Read by httptools, which is llhttp, Node's parser: a call takes 0.3 ms less than with a parser in Python, whose code has
left the processor's caches each time that the networks have run.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0
LINGERING_SECONDS = 30.0
HEADER_BYTES = 16 * 1024
FRAMING_BYTES = 128 * 1024
"""Of chunks' ends and extensions, and of trailers (RFC 9112, 7.1): what is neither header nor body."""
CONNECTIONS = 600


class _Timer:
    """Does `act` when `seconds` after its start have passed without a stop; another start meanwhile changes nothing."""

    def __init__(self, loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
        self._loop, self._act = loop, act
        self._handle: asyncio.TimerHandle | None = None

    def start(self, seconds: float) -> None:
        if self._handle is None:
            self._handle = self._loop.call_later(seconds, self._act)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None


class GuardedProtocol(HttpToolsProtocol):
    """Closes a connection whose next request's headers don't arrive within `header_seconds`, or are too large; one
    whose client takes longer than `lingering_seconds` to read on, or to send the rest of a body that was answered
    before it was there; and those beyond CONNECTIONS. How long any other body may take is its reader's to say.
    """

    header_seconds = HEADER_SECONDS
    lingering_seconds = LINGERING_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._to_come = _Timer(self.loop, self._give_up)
        self._to_be_read = _Timer(self.loop, self._abort)
        self._headers_awaited = True
        self._overhead = 0  # bytes of the request that are no body

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            self._abort()
            return
        self._watch()

    def data_received(self, data: bytes) -> None:
        self._overhead += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._headers_awaited and self._overhead > HEADER_BYTES:
            self.send_400_response("The headers are too large.")
        elif self._overhead > FRAMING_BYTES:
            self._abort()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._to_come.stop()
        self._to_be_read.stop()
        super().connection_lost(exc)

    def on_headers_complete(self) -> None:
        self._headers_awaited = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._overhead -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._headers_awaited, self._overhead = True, 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._headers_awaited:
            self._to_come.start(self.lingering_seconds)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._to_be_read.start(self.lingering_seconds)

    def resume_writing(self) -> None:
        self._to_be_read.stop()
        super().resume_writing()

    def _watch(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self._to_come.start(self.header_seconds)
        else:
            self._to_come.stop()

    def _give_up(self) -> None:
        self._to_come.stop()
        if not self.transport.is_closing():
            self.transport.close()

    def _abort(self) -> None:
        self.transport.abort()
