"""How a camera's process hands its frames to the terminal: a header and the pixels, over a pipe.

The process may run on another Python than the terminal (the system's, which has the board's own packages): only the
standard library is used here.
"""

import json
import os
import select
import signal
import struct
import sys
from typing import NamedTuple

HEADER = struct.Struct("<4sIIQ")
"""Mark, width, height (pixels), nanoseconds of CLOCK_MONOTONIC at which the picture was taken; then the BGR rows."""

MARK = b"BGR\n"
LARGEST = 64 * 2**20


class Meter(NamedTuple):
    """Expose for this part of the picture, whose mean luma is `luma` (0..255) now; None: for all of it."""

    region: tuple[int, int, int, int] | None
    luma: float


class Sender:
    """The camera process' side.

    It ends when its standard input does: when the terminal closes it, or is gone. Signals are the terminal's business:
    a service manager sends them to all processes at once, and a camera that ended first would seem to have failed.
    """

    def __init__(self, descriptor: int) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        self._descriptor = descriptor
        self._asked = b""

    def send(self, rows: "bytes | memoryview", *, width: int, height: int, taken_ns: int) -> None:
        """Raises BrokenPipeError when nobody reads any more."""
        for part in (HEADER.pack(MARK, width, height, taken_ns), rows):
            left = memoryview(part).cast("B")
            while left:
                left = left[os.write(self._descriptor, left) :]

    def asked(self) -> "Meter | None":
        """What the terminal asks for, the newest. Raises SystemExit when the terminal has closed the camera."""
        newest = None
        while select.select([sys.stdin], [], [], 0)[0]:
            content = os.read(sys.stdin.fileno(), 4096)
            if not content:
                raise SystemExit(0)
            *lines, self._asked = (self._asked + content).split(b"\n")
            newest = lines[-1] if lines else newest
        if newest is None:
            return None
        region, luma = json.loads(newest)
        return Meter(None if region is None else tuple(region), luma)


def order(meter: Meter) -> bytes:
    """What `Sender.asked` reads."""
    return json.dumps([meter.region, meter.luma]).encode() + b"\n"
