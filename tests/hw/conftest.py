"""Numbered pictures, a clock without time and a small MJPEG camera for the tests of the devices."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from hw.camera import Image
from tests.hw.live_server import LiveServer
from tests.hw.ptys import Plug

BITS = 8


class FakeClock:
    """Passes only when somebody sleeps on it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class MjpegCamera(ThreadingHTTPServer):
    """Serves numbered pictures over HTTP: /live for ever, /stall and /end some, /silent nothing."""

    daemon_threads = False  # so that server_close() waits for the threads

    def __init__(self, draw: Callable[[int], Image]) -> None:
        super().__init__(("127.0.0.1", 0), _MjpegHandler)
        self.draw = draw
        self.sent = 0
        self.progress = threading.Condition()
        self.over = threading.Event()

    def address(self, path: str) -> str:
        return f"http://door:secret@127.0.0.1:{self.server_port}{path}?token=secret"

    def wait_until_sent(self, count: int) -> None:
        with self.progress:
            assert self.progress.wait_for(lambda: self.sent >= count, 30)


class _MjpegHandler(BaseHTTPRequestHandler):
    server: MjpegCamera
    timeout = 10

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/silent":
            self.server.over.wait()
        elif path == "/live":
            self._send_pictures(None)
        elif path == "/end":
            self._send_pictures(60)
        elif path == "/stall":
            self._send_pictures(60)
            self.server.over.wait()
        else:
            self.send_error(404)

    def _send_pictures(self, count: int | None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        while not self.server.over.wait(0.02) and self.server.sent != count:
            jpeg = cv2.imencode(".jpg", self.server.draw(self.server.sent))[1].tobytes()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode()
            try:
                self.wfile.write(head + jpeg + b"\r\n")
            except OSError:
                return
            with self.server.progress:
                self.server.sent += 1
                self.server.progress.notify_all()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def draw() -> Callable[..., Image]:
    """Draws a number (modulo 256) as black and white columns, which survive lossy compression."""

    def draw_number(number: int, *, width: int = 160, height: int = 120) -> Image:
        bits = [(number >> bit & 1) * 255 for bit in range(BITS)]
        columns = np.repeat(np.array(bits, np.uint8), width // BITS)
        return np.ascontiguousarray(np.broadcast_to(columns[None, :, None], (height, width, 3)))

    return draw_number


@pytest.fixture
def number_of() -> Callable[[Image], int]:
    """Reads the number that was drawn."""

    def read_number(image: Image) -> int:
        columns = np.array_split(image.mean(axis=(0, 2)), BITS)
        return sum(int(np.median(column) > 127) << bit for bit, column in enumerate(columns))

    return read_number


@pytest.fixture
def record(tmp_path: Path, draw: Callable[[int], Image]) -> Callable[..., Path]:
    """Writes a video of numbered frames."""

    def write_video(*, count: int, fps: float = 12.5, name: str = "recording.avi", codec: str = "MJPG") -> Path:
        path = tmp_path / name
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), fps, (160, 120))
        assert writer.isOpened()
        for number in range(count):
            writer.write(draw(number))
        writer.release()
        return path

    return write_video


@pytest.fixture
def folder(tmp_path: Path, draw: Callable[..., Image]) -> Path:
    """Twelve numbered pictures of several kinds and sizes, whose names sort naturally, not alphabetically."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(12):
        kind = ("png", "JPG", "webp", "bmp", "jpeg")[number % 5]
        cv2.imwrite(str(pictures / f"frame{number}.{kind}"), draw(number, width=160 + 8 * number))
    return pictures


@pytest.fixture
def mjpeg(draw: Callable[[int], Image]) -> Iterator[MjpegCamera]:
    server = MjpegCamera(draw)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def live_servers() -> Iterator[Callable[[str], LiveServer]]:
    """A network camera of each kind; the same one whenever it is asked for."""
    servers: dict[str, LiveServer] = {}

    def of_kind(kind: str) -> LiveServer:
        return servers.setdefault(kind, LiveServer(kind))

    yield of_kind
    for server in servers.values():
        server.kill()


@pytest.fixture
def in_time() -> Iterator[None]:
    """Fails a test that took longer than a live system ever may."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < 30


@pytest.fixture
def plug(tmp_path: Path) -> Iterator[Plug]:
    plug = Plug(tmp_path / "ttyUSB0")
    yield plug
    plug.close()
