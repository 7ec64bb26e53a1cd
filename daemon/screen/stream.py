"""The two streams of a screen: what it is told, as server-sent events, and what the camera sees, as JPEGs."""

import json
import queue
import time
from collections.abc import AsyncIterator, Callable, Mapping

import anyio
from anyio.to_thread import run_sync

from daemon.live.pictures import LivePictures, framed
from daemon.screen.board import SCREENS
from daemon.screen.messages import Happened, Message, Standing

POLL_SECONDS = 1.0
# Silence is broken so that both ends notice when the other is gone.
COMMENT_SECONDS = 15.0
# A key that was revoked meanwhile gets no further than this; the page comes back by itself.
LONGEST_SECONDS = 600.0
# What a screen was too slow to be told in time is not for whoever stands there now.
LATE_SECONDS = 4.0


async def told(
    messages: "queue.Queue[Message]",
    settings: Mapping[str, object],
    *,
    clock: Callable[[], float] = time.monotonic,
    wall: Callable[[], float] = time.time,
) -> AsyncIterator[str]:
    """`settings` first, then how things stand, then each change and each outcome."""
    limiter = anyio.CapacityLimiter(SCREENS)
    yield _event("settings", settings)
    begun = quiet_since = clock()
    while clock() - begun < LONGEST_SECONDS:
        message = await run_sync(_next, messages, limiter=limiter, abandon_on_cancel=True)
        if isinstance(message, Standing) or (message is not None and wall() - message.at <= LATE_SECONDS):
            yield _told(message)
            quiet_since = clock()
        elif clock() - quiet_since >= COMMENT_SECONDS:
            yield ": nothing happens\n\n"
            quiet_since = clock()


async def seen(
    pictures: LivePictures, *, fps: float, clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[bytes]:
    """Each picture that is the newest when its turn comes: a slow reader gets fewer, never older ones."""
    begun, last = clock(), None
    while clock() - begun < LONGEST_SECONDS:
        turn = clock()
        picture = await run_sync(pictures.newest)
        if picture is not None and picture is not last:
            yield framed(b"{}", picture.jpeg)
            last = picture
        await anyio.sleep(max(0.0, turn + 1 / fps - clock()))


def _told(message: Message) -> str:
    if isinstance(message, Happened):
        data = {"outcome": message.outcome.value, "name": message.name, "at": round(message.at * 1000)}
        return _event("outcome", data)
    return _event(
        "standing",
        {"hint": message.hint.value, "door": message.door.value, "condition": message.condition.value},
    )


def _event(name: str, data: Mapping[str, object]) -> str:
    return f"event: {name}\ndata: {json.dumps({**data, 'sent': round(time.time() * 1000)})}\n\n"


def _next(messages: "queue.Queue[Message]") -> Message | None:
    try:
        return messages.get(timeout=POLL_SECONDS)
    except queue.Empty:
        return None
