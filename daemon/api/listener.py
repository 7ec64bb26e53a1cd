"""What a connection may cost before its first request is there: counted when it comes, and soon in TLS or gone."""

import asyncio
import socket
import sys
from typing import Any

CONNECTIONS = 600
HANDSHAKE_SECONDS = 5.0


class BoundedListener(socket.socket):
    """Has at most `most` accepted connections open; ends those beyond at once, whatever they would speak."""

    most = CONNECTIONS

    def __init__(self, listening: socket.socket) -> None:
        """Takes the socket over."""
        super().__init__(listening.family, listening.type, listening.proto, fileno=listening.detach())
        self._accepted: set[socket.socket] = set()

    def accept(self) -> tuple[socket.socket, Any]:
        """As ever, but raises ConnectionAbortedError for one too many, which asyncio passes over."""
        connection, address = super().accept()
        if len(self._accepted) >= self.most:
            self._accepted = {one for one in self._accepted if one.fileno() >= 0}
        if len(self._accepted) >= self.most:
            connection.close()
            raise ConnectionAbortedError
        self._accepted.add(connection)
        return connection, address


class ImpatientLoop(asyncio.SelectorEventLoop):
    """Waits `handshake_seconds` for TLS to begin and to end; asyncio's own are 60 and 30, and uvicorn has no word."""

    handshake_seconds = HANDSHAKE_SECONDS

    async def create_server(self, *args: Any, **options: Any) -> asyncio.Server:
        """As ever."""
        if options.get("ssl") is not None:
            options["ssl_handshake_timeout"] = self.handshake_seconds
            if sys.version_info >= (3, 11):  # before, it ended TLS without waiting
                options["ssl_shutdown_timeout"] = self.handshake_seconds
        return await super().create_server(*args, **options)
