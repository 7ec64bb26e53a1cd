"""From photons to the relay: a film served as a network camera, through the whole daemon, to a serial relay's wire.

This program is both ends: it serves the film as Motion JPEG over HTTP at 30 frames a second, knows when each frame
left, and listens where the relay board would be. A visit is measured from the first frame whose face passes all quality
limits (found out beforehand with the daemon's own networks) to the four bytes that switch the relay; between two visits
nobody is there. Liveness is at `standard`, policy at its defaults but for the pause after a grant. The clock of both
ends is this process's.
"""

import argparse
import os
import pty
import select
import subprocess
import sys
import tempfile
import threading
import time
import tty
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np

from daemon.config.settings import Settings, parse
from daemon.config.toml_file import to_toml
from daemon.desk import open_desk
from daemon.enrolment.enroller import Enroller, NamedImage
from daemon.vision.recogniser import Recogniser
from hw import lcus
from hw.camera import Image

DATA = Path(os.environ.get("AUTHER_EVALUATION_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
FPS = 30.0
VISIT_SECONDS = 1.5
EMPTY_SECONDS = 3.0
LATEST_SECONDS = 5.0
START_SECONDS = 60.0
AIM_MS = 250.0
ON, OFF = lcus.switch(1, True), lcus.switch(1, False)


@dataclass(frozen=True, eq=False)
class Film:
    """A person's frames as JPEG, the empty scene, and which frame is the first with a usable face."""

    person: Sequence[bytes] = field(repr=False)
    empty: bytes = field(repr=False)
    usable: int


class Show:
    """Plays visits to whoever asks for the stream, and notes when each first usable face left."""

    def __init__(self, film: Film) -> None:
        self._film = film
        self._visit = threading.Event()
        self.watched = threading.Event()
        self.left = 0.0

    def begin_visit(self) -> None:
        """The next frame is a person's first; `left` is 0 until the usable one has left."""
        self.left = 0.0
        self._visit.set()

    def frames(self) -> Iterator[bytes]:
        """JPEG after JPEG, each when it is due."""
        self.watched.set()
        due = time.monotonic()
        while True:
            visiting = self._visit.is_set()
            self._visit.clear()
            for number, frame in enumerate(self._film.person if visiting else (self._film.empty,)):
                due = max(due + 1 / FPS, time.monotonic() - 1 / FPS)
                time.sleep(max(0.0, due - time.monotonic()))
                if visiting and number == self._film.usable:
                    self.left = time.monotonic()
                yield frame


def main(argv: Sequence[str]) -> int:
    """1 when a visit opened nothing."""
    parser = argparse.ArgumentParser(prog="bench latency", description=__doc__)
    parser.add_argument(
        "--film",
        type=Path,
        default=DATA / "pad_dev" / "full" / "live_01.mp4",
        help="a person who walks up; by default a recording of the evaluation data",
    )
    parser.add_argument("--visits", type=int, default=30, help="how often the person comes")
    options = parser.parse_args(argv)
    pictures = _read(options.film)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="auther-latency-")))
        wire, port = _relay(folder)
        stack.callback(os.close, wire)
        camera = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        settings = _settings(folder, f"http://127.0.0.1:{camera.server_port}/", port)
        film = _film(settings, pictures)
        show = Show(film)
        camera.RequestHandlerClass = _handler(show)
        threading.Thread(target=camera.serve_forever, daemon=True).start()
        stack.enter_context(_running(settings, folder))
        if not show.watched.wait(START_SECONDS):
            raise SystemExit(f"the daemon did not open the camera; see its log:\n{(folder / 'log').read_text()}")
        # The daemon's own warm-up is not a visitor's.
        time.sleep(EMPTY_SECONDS)
        waits = [_visit(show, wire) for _ in range(options.visits)]
    return _report(waits, options.film, film)


def _report(waits: Sequence[float | None], film: Path, shown: Film) -> int:
    opened = [wait for wait in waits if wait is not None]
    print(
        f"visits           {len(waits)} of {film.name} from frame {shown.usable}, {len(waits) - len(opened)} not opened"
    )
    if opened:
        p50, p99 = (float(np.quantile(opened, share)) * 1e3 for share in (0.5, 0.99))
        print(
            f"photons to relay p50 {p50:.0f}, p99 {p99:.0f}, most {max(opened) * 1e3:.0f} ms (aim p99 <= {AIM_MS:.0f})"
        )
        print(f"in frames        p50 {p50 / 1e3 * FPS:.1f} at {FPS:.0f} a second; a verdict needs 5")
    return int(len(opened) < len(waits))


def _visit(show: Show, wire: int) -> float | None:
    """Seconds from the first usable frame to the relay, None if it was not switched in time."""
    show.begin_visit()
    switched = _await(wire, ON, LATEST_SECONDS)
    wait = None if switched is None or not show.left else switched - show.left
    if switched is not None:
        _await(wire, OFF, LATEST_SECONDS)
    time.sleep(EMPTY_SECONDS)
    return wait


def _await(wire: int, command: bytes, seconds: float) -> float | None:
    heard, deadline = b"", time.monotonic() + seconds
    while select.select([wire], [], [], max(0.0, deadline - time.monotonic()))[0]:
        heard += os.read(wire, 64)
        if command in heard:
            return time.monotonic()
    return None


def _relay(folder: Path) -> tuple[int, Path]:
    """The board's end of a serial line, and the daemon's."""
    board, line = pty.openpty()
    tty.setraw(line)
    port = folder / "relay"
    port.symlink_to(os.ttyname(line))
    return board, port


def _settings(folder: Path, address: str, port: Path) -> Settings:
    sections: Mapping[str, object] = {
        "device": {"id": "latency"},
        "camera": {"backend": "webcam", "source": address},
        "policy": {"cooldown_seconds": 0.5, "lockout_spoofs": 100},
        "door": {"strike": {"backend": "lcus", "port": str(port)}, "pulse_seconds": 0.5},
        "storage": {"folder": str(folder / "store")},
        "api": {"enabled": False},
    }
    return parse(sections, source="bench latency")


def _film(settings: Settings, pictures: Sequence[Image]) -> Film:
    """Enrols who is in the film, by a frame of its middle."""
    with open_desk(settings) as desk:
        usable = [number for number, picture in enumerate(pictures) if _is_usable(desk.recogniser, picture)]
        if not usable:
            raise SystemExit("no frame of the film shows a face that passes the quality limits")
        middle = pictures[usable[len(usable) // 2]]
        enroller = Enroller(recogniser=desk.recogniser, gallery=desk.gallery)
        enroller.enrol("visitor", [NamedImage("film", middle)], source="bench")
    # Gone before the next visit, so that each has the pause before it.
    pictures = pictures[: usable[0] + round(VISIT_SECONDS * FPS)]
    person = [cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes() for picture in pictures]
    empty = np.full_like(pictures[0], 110)
    return Film(person, cv2.imencode(".jpg", empty)[1].tobytes(), usable[0])


def _is_usable(recogniser: Recogniser, picture: Image) -> bool:
    views = [recogniser.view(picture, face) for face in recogniser.detect(picture)]
    return any(view.is_face and view.fault is None for view in views)


def _read(film: Path) -> list[Image]:
    pictures: list[Image] = []
    with closing(_Video(film)) as video:
        while (picture := video.next()) is not None:
            pictures.append(picture)
    if not pictures:
        raise SystemExit(f"{film}: can't be played; name a film of a person who walks up with --film")
    return pictures


class _Video:
    def __init__(self, film: Path) -> None:
        self._capture = cv2.VideoCapture(str(film))
        self.close = self._capture.release

    def next(self) -> Image | None:
        good, picture = self._capture.read()
        return np.asarray(picture, np.uint8) if good else None


def _handler(show: Show) -> type[BaseHTTPRequestHandler]:
    class Stream(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            try:
                for frame in show.frames():
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(frame)}\r\n\r\n"
                    self.wfile.write(head.encode() + frame + b"\r\n")
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            pass

    return Stream


@contextmanager
def _running(settings: Settings, folder: Path) -> Iterator[None]:
    config = folder / "auther.toml"
    config.write_text(to_toml(settings))
    command = [sys.executable, "-m", "daemon", "--config", str(config), "run"]
    with (folder / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as daemon:
        try:
            yield
        finally:
            daemon.terminate()
            daemon.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
