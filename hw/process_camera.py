"""A camera in a process of its own, run by the system's Python.

The boards' camera packages come from the boards' own distributions and fit their Python only, not an environment's; and
what hangs or crashes in a driver takes that process along, not the door's.
"""

import json
import os
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

import numpy as np

from hw.camera import Frame, Region
from hw.errors import CameraError
from hw.frame_pipe import HEADER, LARGEST, MARK, Meter, order
from hw.newest import NewestArrival

SYSTEM_PYTHON = "/usr/bin/python3"
# Argus takes two to three seconds; GStreamer looks at all of its plugins when it is started first.
OPENING_SECONDS = 15.0
CLOSE_SECONDS = 0.7
# Isolated from the environment's packages, which come last: the system's go first.
START = "import sys; sys.path.append(sys.argv.pop(1)); from hw.{0} import main; main(sys.argv[1])"


class ProcessCamera:
    """Frames of the program hw.`program`; `options` is what it is told.

    A frame's times are those at which the program says it was taken. Raises CameraError if there is no such Python.
    """

    def __init__(
        self,
        *,
        program: str,
        options: Mapping[str, object],
        label: str,
        advice: str,
        timeout_seconds: float,
        python: str = SYSTEM_PYTHON,
    ) -> None:
        self._newest = NewestArrival(label=label, advice=advice, timeout_seconds=timeout_seconds)
        self._said: deque[str] = deque(maxlen=3)
        reading, writing = os.pipe()
        told = json.dumps({**options, "descriptor": writing})
        root = str(Path(__file__).resolve().parent.parent)
        try:
            self._process = subprocess.Popen(
                [python, "-I", "-c", START.format(program), root, told],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(writing,),
            )
        except OSError as error:
            os.close(reading)
            raise CameraError(f"{label}: {python}: {error.strerror}; install the system's Python") from error
        finally:
            os.close(writing)
        self._orders, said = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stderr)
        os.set_blocking(self._orders.fileno(), False)
        self._threads = [
            threading.Thread(target=self._listen, args=(said,), name="camera messages", daemon=True),
            threading.Thread(target=self._drain, args=(reading,), name="camera pipe", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def lossless(self) -> bool:
        return False

    @property
    def process(self) -> int:
        """The process' id."""
        return self._process.pid

    def read(self) -> Frame:
        """Wait for a frame that was not returned yet. Raises CameraError, or CameraStalled when they stopped coming."""
        return self._newest.take(opening_seconds=OPENING_SECONDS)

    def meter(self, region: Region | None, luma: float) -> None:
        """Ask it to expose for the region; what comes too fast for it is lost, the next one counts."""
        box = None if region is None else (region.left, region.top, region.width, region.height)
        try:
            if not self._orders.closed:
                os.write(self._orders.fileno(), order(Meter(box, luma)))
        except OSError:
            return

    def close(self) -> None:
        """End a read() under way with CameraError; a process that hangs is killed. A second call does nothing."""
        self._newest.close()
        self._orders.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(CLOSE_SECONDS)
        if self._process.poll() is None:
            self._process.kill()
            with suppress(subprocess.TimeoutExpired):
                # Only what waits in the kernel for a driver outlives this; it is then the kernel's to end.
                self._process.wait(CLOSE_SECONDS)
        for thread in self._threads:
            thread.join(CLOSE_SECONDS)

    def _listen(self, said: IO[bytes]) -> None:
        with said:
            for line in said:
                if text := line.decode(errors="replace").strip():
                    self._said.append(text)

    def _drain(self, reading: int) -> None:
        with open(reading, "rb", buffering=0) as pipe:
            sequence = 0
            header = bytearray(HEADER.size)
            while _fill(pipe.readinto, memoryview(header)):
                mark, width, height, taken = HEADER.unpack(header)
                if mark != MARK or not 0 < width * height * 3 <= LARGEST:
                    self._newest.fail("what comes is no picture")
                    return
                image = np.empty((height, width, 3), np.uint8)
                if not _fill(pipe.readinto, image.data.cast("B")):
                    break
                image.setflags(write=False)
                captured = taken / 1e9
                wall = time.time() - (time.monotonic() - captured)
                self._newest.offer(Frame(image=image, captured=captured, wall=wall, sequence=sequence))
                sequence += 1
        self._threads[0].join(CLOSE_SECONDS)
        self._newest.fail(self._said[-1] if self._said else f"stopped delivering frames after {sequence}")


def _fill(read_into: Callable[[memoryview], int | None], buffer: memoryview) -> bool:
    """Whether all of the buffer came before the end."""
    while buffer:
        count = read_into(buffer)
        if not count:
            return False
        buffer = buffer[count:]
    return True
