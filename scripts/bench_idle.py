"""The processor's time of a terminal that nobody stands before, idle and at full rate, and how soon it looks up."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import psutil

from daemon.vision.attention import Attention
from hw.motion import Motion
from hw.picture_health import PictureWatch, sample
from models.geometry import Image

ROOT = Path(__file__).parent.parent
WIDTH, HEIGHT = 640, 480
SETTLE_SECONDS = 8.0
PICTURES = 40


@dataclass(frozen=True)
class Report:
    """Shares of one core; milliseconds a frame; frames between somebody's coming and the first that is looked at."""

    idle_share: float
    full_share: float
    idle_share_30: float
    full_share_30: float
    health_ms: float
    motion_ms: float
    frames_skipped: int


def main(argv: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench idle", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each terminal is watched (20)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    report = measure(options.seconds)
    print(json.dumps(asdict(report)) if options.json else _text(report))
    return 0


def measure(seconds: float) -> Report:
    scene = [_room(seed) for seed in range(PICTURES)]
    shares = [
        _terminal(scene, camera_fps=camera_fps, idle_fps=idle_fps, seconds=seconds)
        for camera_fps in (10.0, 30.0)
        for idle_fps in (2.0, 0.0)
    ]
    health, motion = _cost(scene)
    return Report(*shares, health, motion, _skipped(scene))


def _room(seed: int, *, person: bool = False) -> Image:
    """A room under a sensor's noise, in which nobody or somebody stands."""
    generator = np.random.default_rng(seed)
    wall = np.linspace(90, 150, WIDTH)[None, :, None] + generator.normal(0, 5, (HEIGHT, WIDTH, 3))
    if person:
        wall[120:, 40:120] -= 60
    return wall.clip(0, 255).astype(np.uint8)


def _terminal(scene: Sequence[Image], *, camera_fps: float, idle_fps: float, seconds: float) -> float:
    """The share of one core that a real terminal takes with an HTTP camera before which nothing happens."""
    with tempfile.TemporaryDirectory(prefix="auther-bench-") as folder, _camera(scene, camera_fps) as port:
        file = Path(folder) / "auther.toml"
        file.write_text(
            f'[camera]\nbackend = "webcam"\nsource = "http://127.0.0.1:{port}/"\nidle_fps = {idle_fps}\n'
            f'[storage]\nfolder = "{folder}/store"\n[log]\nlevel = "error"\n'
        )
        command = [sys.executable, "-m", "daemon", "--config", str(file), "run"]
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
            time.sleep(SETTLE_SECONDS)
            watched = psutil.Process(process.pid)
            before, began = _cpu(watched), time.monotonic()
            time.sleep(seconds)
            share = (_cpu(watched) - before) / (time.monotonic() - began)
            process.terminate()
        return share


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def _camera(scene: Sequence[Image], fps: float) -> Iterator[int]:
    """An HTTP camera of that rate; the pictures are compressed once, so that it takes next to nothing itself."""
    pictures = [bytes(cv2.imencode(".jpg", image)[1]) for image in scene]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            try:
                while True:
                    for jpeg in pictures:
                        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                        self.wfile.write(head.encode() + jpeg + b"\r\n")
                        time.sleep(1 / fps)
            except OSError:
                return

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()


def _cost(scene: Sequence[Image]) -> tuple[float, float]:
    """Median milliseconds a frame of the picture's health, and of the search for motion."""
    watch, motion = PictureWatch(size=(WIDTH, HEIGHT), frozen_seconds=20), Motion()
    health, moving = [], []
    for number in range(20 * len(scene)):
        began = time.perf_counter()
        picture = sample(scene[number % len(scene)])
        watch.update(picture, number / 30)
        between = time.perf_counter()
        motion.update(picture)
        health.append(between - began)
        moving.append(time.perf_counter() - between)
    return 1000 * float(np.median(health)), 1000 * float(np.median(moving))


def _skipped(scene: Sequence[Image]) -> int:
    """Of a terminal that idles, the most frames with somebody in them before the first one that is looked at."""
    most = 0
    for start in range(20, 20 + PICTURES):
        attention = Attention(idle_fps=2.0, hold_seconds=5.0)
        for number in range(start + 150):
            attention.wants(sample(scene[number % len(scene)]), 100 + number / 30)
        came = (attention.wants(sample(_room(n, person=True)), 100 + (start + 150 + n) / 30) for n in range(90))
        most = max(most, next(skipped for skipped, wanted in enumerate(came) if wanted))
    return most


def _text(report: Report) -> str:
    return "\n".join(
        [
            f"{WIDTH}×{HEIGHT}, nobody there; load of the machine: {os.getloadavg()[0]:.1f}",
            f"{'10 fps, idle, of a core':<32}{report.idle_share:>8.1%}  aim: at most 15 %; "
            f"every frame looked at: {report.full_share:.1%}",
            f"{'30 fps, idle, of a core':<32}{report.idle_share_30:>8.1%}  every frame looked at: "
            f"{report.full_share_30:.1%}",
            f"{'picture health, ms a frame':<32}{report.health_ms:>8.3f}  aim: at most 0.2",
            f"{'motion, ms a frame':<32}{report.motion_ms:>8.3f}  a network's look at a frame: 1.3 and more",
            f"{'frames missed of who comes':<32}{report.frames_skipped:>8d}  without motion, up to 14 at 30 fps",
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
