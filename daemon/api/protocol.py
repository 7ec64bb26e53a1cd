"""HTTP/1.1 with limits that uvicorn leaves to a proxy: of the time and size of headers, and of connections.

Read by httptools, which is llhttp, Node's parser: on a processor whose caches the networks have just filled it takes a
tenth of what a parser in Python does.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0
HEADER_BYTES = 16 * 1024
FRAMING_BYTES = 128 * 1024
"""Of chunks' ends and extensions, and of trailers (RFC 9112, 7.1): what is neither header nor body."""
CONNECTIONS = 600


class GuardedProtocol(HttpToolsProtocol):
    """Closes a connection whose next request's headers don't arrive in time, or are too large, and those beyond
    CONNECTIONS.
    """

    header_seconds = HEADER_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._headers_awaited = True
        self._overhead = 0  # bytes of the request that are no body

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            transport.abort()
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
            self.transport.abort()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
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

    def _watch(self) -> None:
        if not self._headers_awaited:
            self._forget()
        elif self._deadline is None and self._answered:
            self._deadline = self.loop.call_later(self.header_seconds, self._give_up)

    @property
    def _answered(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _forget(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if self._headers_awaited and self._answered and not self.transport.is_closing():
            self.transport.close()
