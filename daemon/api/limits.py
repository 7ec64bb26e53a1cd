"""How much a caller may send, how slowly, and how many at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from starlette.requests import ClientDisconnect, Request

from daemon.api.failures import ApiError
from daemon.errors import Busy

SLOT_SECONDS = 5.0
SMALL_BYTES = 64 * 1024
"""The largest body without pictures."""


class Admission:
    """Room for `slots` requests with pictures at a time, and for `waiting` more that wait for one."""

    def __init__(self, *, slots: int, waiting: int) -> None:
        self._semaphore = anyio.Semaphore(slots, fast_acquire=True)
        self._slots, self._waiting, self._inside = slots, waiting, 0

    @property
    def inside(self) -> int:
        """How many have or await a place."""
        return self._inside

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place in it. Raises Busy when too many wait, or when none became free in time."""
        if self._inside >= self._slots + self._waiting:
            raise Busy("too many pictures at once; try again in a moment")
        self._inside += 1
        try:
            await self._enter()
            try:
                yield
            finally:
                self._semaphore.release()
        finally:
            self._inside -= 1

    async def _enter(self) -> None:
        try:
            self._semaphore.acquire_nowait()
        except anyio.WouldBlock:
            with anyio.move_on_after(SLOT_SECONDS) as waiting:
                await self._semaphore.acquire()
            if waiting.cancelled_caught:
                raise Busy("too many pictures at once; try again in a moment") from None


async def read_body(request: Request, *, limit: int, seconds: float) -> bytes:
    """The body. Raises ApiError R_005 as soon as it is known to be larger than `limit`, R_010 when it does not come."""
    stated = request.headers.get("content-length", "0")
    if stated.isdigit() and int(stated[:20]) > limit:
        raise _too_large(limit)
    size, chunks = 0, []
    try:
        with anyio.fail_after(seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise _too_large(limit)
                chunks.append(chunk)
    except (TimeoutError, ClientDisconnect):
        raise ApiError("R_010", f"the body did not arrive within {seconds:g} s") from None
    return b"".join(chunks)


def _too_large(limit: int) -> ApiError:
    return ApiError("R_005", f"the body is too large; at most {limit} bytes are read")
