"""Cameras on the network as processes that can be killed, stopped and set to another size."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from hw.camera import Frame
from tests.ports import free_port

PROGRAMS = Path(__file__).parent
TICKS = 25
SYSTEM_PYTHON = "/usr/bin/python3"


class LiveServer:
    """`kind` is mjpeg or rtsp. Needs, for rtsp, the packages that .ci/run installs."""

    def __init__(self, kind: str) -> None:
        python = SYSTEM_PYTHON if kind == "rtsp" else sys.executable
        self._command = [python, str(PROGRAMS / f"{kind}_program.py")]
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        scheme = "rtsp" if kind == "rtsp" else "http"
        self.label = f"{scheme}://127.0.0.1:{self._port}/live"
        self.address = self.label.replace("://", "://door:secret@")

    def start(self, *, size: tuple[int, int] = (160, 120)) -> None:
        """Returns when it can be connected to."""
        words = [*self._command, str(self._port), *(str(side) for side in size)]
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while self._process.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError(f"{words} did not start; .ci/run installs what it needs")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self, seconds: float) -> None:
        """Stop it as a camera stops that hangs, then let it go on."""
        self.freeze()
        time.sleep(seconds)
        self._signal(signal.SIGCONT)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def _signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)


def age_of(frame: Frame, number: int) -> float:
    """Seconds from the tick that a picture shows to when it counts as taken."""
    return (round(frame.wall * TICKS) - number) % 256 / TICKS
