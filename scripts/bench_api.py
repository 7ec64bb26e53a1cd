"""What the REST API costs: latency and throughput of its calls over TLS on loopback, beside the bare pipeline's time.

A 640×480 JPEG of one face, one client, one vision thread without a camera; then several clients at once. The bare
pipeline is detection, landmarks, embedding and search of the decoded picture: what they took within those very calls,
and what they take again and again without a call around them, when a processor that never waits has all of it at hand.
The clients are in a process of their own, as real ones are, and do so little that hardly any of the time is theirs.
"""

import argparse
import base64
import json
import re
import socket
import ssl
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from unittest.mock import patch

import cv2
import matplotlib
import numpy as np

from daemon.api.build import serve_api
from daemon.api.terminal import Terminal
from daemon.config.settings import Settings, parse
from daemon.enrolment.enroller import Enroller, NamedImage
from daemon.enrolment.while_watching import LiveEnrolment
from daemon.events.live_feed import LiveFeed
from daemon.events.outbox import Outbox
from daemon.gallery.keeper import Gallery, GalleryKeeper
from daemon.keys import Permission, open_keys
from daemon.metrics import Metrics
from daemon.storage.masterkey import KeyFile
from daemon.storage.people import NewTemplate
from daemon.storage.store import Store
from daemon.storage.vault import Vault
from daemon.threads import compute_alone
from daemon.types import Candidate
from daemon.vision.camera_state import CameraStanding
from daemon.vision.capture import NewestFrame
from daemon.vision.jobs import VisionJobs
from daemon.vision.loop import VisionLoop
from daemon.vision.policy import AccessPolicy
from daemon.vision.recogniser import Recogniser, load_recogniser
from daemon.vision.shared_networks import SharedNetworks
from daemon.vision.tracker import Tracker
from models.embedder import Embedding
from models.geometry import Image

DIMENSION = 513
CLIENTS = 4
FIRST = 20
"""Calls that are not counted: files are opened and threads begun in them."""
QUALITIES = (95, 80)
"""Of the picture's JPEG: what OpenCV writes unless told otherwise, and what a webcam or a phone's page sends."""

Search = Callable[[Gallery, Embedding], tuple[Candidate, ...]]

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Figure:
    """One call: milliseconds of one client at a time, and calls a second of CLIENTS at once."""

    call: str
    people: int
    p50_ms: float
    p99_ms: float
    per_second: float
    within_ms: float | None = None
    bare_ms: float | None = None
    aim_ms: float | None = None

    def __str__(self) -> str:
        times = f"p50 {self.p50_ms:6.2f} ms   p99 {self.p99_ms:6.2f} ms"
        line = f"{self.call:<24} {self.people:>6} people   {times}   {self.per_second:4.0f}/s"
        if self.within_ms is None:
            return line
        added = f"HTTP, decoding and queueing {self.p50_ms - self.within_ms:.2f} (aim <= {self.aim_ms})"
        return f"{line}   pipeline within {self.within_ms:.2f} (alone {self.bare_ms:.2f}), so {added}"


@dataclass(frozen=True)
class Server:
    """What a client has to know."""

    port: int
    certificate: Path
    key: str


@dataclass(frozen=True)
class Asked:
    """A call, its body made once."""

    method: str
    path: str
    body: str = ""

    def written(self, key: str) -> bytes:
        """As HTTP/1.1 sends it."""
        body = self.body.encode()
        head = (
            f"{self.method} {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nApi-Key: {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


class ClosedDoor:
    """A door that nobody asks for anything here."""

    def unlock(self, seconds: int | None) -> None:
        """Never called."""

    def lock(self) -> None:
        """Never called."""

    def lockdown(self, *, on: bool) -> None:
        """Never called."""


class NobodyWaits:
    """No second factor is wanted here."""

    waiting_for: str | None = None

    def pin(self, pin: str) -> bool:  # noqa: ARG002 - no PIN is right
        return False


@dataclass(frozen=True, eq=False)
class Bench:
    """A served terminal, and what is looked at."""

    recogniser: Recogniser
    stages: dict[str, list[float]]
    gallery: GalleryKeeper
    server: Server
    image: Image


def main(argv: Sequence[str]) -> int:
    """Print one line a call, or one JSON object with --json."""
    parser = argparse.ArgumentParser(prog="bench api", description=__doc__)
    parser.add_argument(
        "picture", type=Path, nargs="?", default=_portrait(), help="a picture of one face (a public-domain portrait)"
    )
    parser.add_argument("--people", type=int, nargs="+", default=[1_000, 10_000], help="people enrolled")
    parser.add_argument("--calls", type=int, default=300, help="calls of each measurement")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(argv)
    compute_alone()
    figures: list[Figure] = []
    for people in options.people:
        with tempfile.TemporaryDirectory() as folder, _served(Path(folder), people, options.picture) as bench:
            figures += list(_measure(bench, people, options.calls))
    if options.json:
        sys.stdout.write(json.dumps([asdict(figure) for figure in figures]) + "\n")
        return 0
    print(f"times: one client; calls a second: {CLIENTS} at once")
    for one in figures:
        print(one)
    return 0


def _measure(bench: Bench, people: int, calls: int) -> Iterator[Figure]:
    pictures = {quality: _base64(bench.image, quality) for quality in QUALITIES}
    one, both = {"faceImage": pictures[95]}, {"sourceImage": pictures[95], "targetImage": pictures[95]}
    asked = {
        **{
            f"identify, JPEG of {len(picture) * 3 // 4000} KB": Asked(
                "POST", "/identify", json.dumps({"faceImage": picture})
            )
            for picture in pictures.values()
        },
        "verify": Asked("POST", "/verify/bench", json.dumps(one)),
        "compare": Asked("POST", "/compare", json.dumps(both)),
        "person GET": Asked("GET", "/person/bench"),
    }
    with _clients(bench.server) as clients:
        for name, what in asked.items():
            bench.stages.clear()
            times, per_second = clients.call(what, calls)
            times.sort()
            figure = Figure(name, people, statistics.median(times), times[int(len(times) * 0.99)], per_second)
            if name.startswith("identify"):
                figure = replace(figure, within_ms=_pipeline(bench, calls), bare_ms=_bare(bench, calls), aim_ms=4)
            yield figure


def _pipeline(bench: Bench, calls: int) -> float:
    """Milliseconds of the networks and the search within the calls just made one at a time."""
    return sum(statistics.median(seconds[FIRST : FIRST + calls]) for seconds in bench.stages.values()) * 1000


def _bare(bench: Bench, calls: int) -> float:
    """Milliseconds of the same without a call around it, again and again."""
    times = []
    for _ in range(calls):
        started = time.perf_counter()
        faces = bench.recogniser.detect(bench.image)
        bench.gallery.current.search(bench.recogniser.embed(bench.recogniser.view(bench.image, faces[0])))
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


class Clients:
    """Clients in a process of their own."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def call(self, asked: Asked, calls: int) -> tuple[list[float], float]:
        """Milliseconds of each call, one at a time; and calls a second of CLIENTS at once."""
        self._pipe.send((asked, calls))
        times, per_second = self._pipe.recv()
        return times, per_second


@contextmanager
def _clients(server: Server) -> Iterator[Clients]:
    context = get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_serve_clients, args=(theirs, server), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Clients(mine)
    finally:
        mine.close()
        process.join()


def _serve_clients(pipe: Connection, server: Server) -> None:
    """The clients' process: does what the pipe says, until it is closed."""
    mine = threading.local()

    def call(asked: Asked) -> float:
        content = asked.written(server.key)
        started = time.perf_counter()
        if not hasattr(mine, "connection"):
            mine.connection = _connect(server)
        mine.connection.sendall(content)
        answer = _answer(mine.connection)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{asked.path}: answered {answer!r}")
        return (time.perf_counter() - started) * 1000

    with suppress(EOFError):
        while True:
            asked, calls = pipe.recv()
            times = [call(asked) for _ in range(FIRST + calls)][FIRST:]
            started = time.perf_counter()
            with ThreadPoolExecutor(CLIENTS) as pool:
                list(pool.map(call, [asked] * calls))
            pipe.send((times, calls / (time.perf_counter() - started)))


def _connect(server: Server) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return ssl.create_default_context(cafile=server.certificate).wrap_socket(plain, server_hostname="127.0.0.1")


def _answer(connection: ssl.SSLSocket) -> bytes:
    content = b""
    while True:
        part = connection.recv(65536)
        if not part:
            raise SystemExit(f"the connection ended after {content!r}")
        content += part
        head, blank, body = content.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if blank and length is not None and len(body) >= int(length[1]):
            return content


@contextmanager
def _served(folder: Path, people: int, picture: Path) -> Iterator[Bench]:
    settings = parse({"storage": {"folder": str(folder)}, "api": {"port": 0}}, source="the bench's settings")
    image = _vga(picture)
    with ExitStack() as stack:
        stages: defaultdict[str, list[float]] = defaultdict(list)
        recogniser = load_recogniser(
            vision=settings.vision, limits=settings.quality, observe=lambda stage, took: stages[stage].append(took)
        )
        store = stack.enter_context(
            closing(Store(path=folder / "gallery.db", vault=Vault(source=KeyFile(folder / "master.key"))))
        )
        stack.enter_context(patch.object(Gallery, "search", _timed(Gallery.search, stages)))
        _fill(store, recogniser.model, people - 1)
        gallery = GalleryKeeper(store=store, model=recogniser.model)
        Enroller(recogniser=recogniser, gallery=gallery).enrol("bench", [NamedImage(str(picture), image)], source="api")
        terminal = _terminal(stack, settings, recogniser, store, gallery)
        server = stack.enter_context(serve_api(terminal))
        port = server.wait(30) if server is not None else None
        keys = stack.enter_context(closing(open_keys(folder, store)))
        key = keys.create("bench", tuple(Permission)).value
        yield Bench(recogniser, stages, gallery, Server(port or 0, folder / "tls.crt", key), image)


def _terminal(
    stack: ExitStack, settings: Settings, recogniser: Recogniser, store: Store, gallery: GalleryKeeper
) -> Terminal:
    jobs, slot, stop = VisionJobs(), NewestFrame(), threading.Event()
    path = settings.storage.folder / "events.db"
    outbox = stack.enter_context(closing(Outbox(path=path, device_id="bench", limit=1000, max_age_seconds=1e6)))
    loop = VisionLoop(
        recogniser=recogniser,
        tracker=Tracker(),
        policy=AccessPolicy(policy=settings.policy, liveness=settings.liveness, choose=lambda options: options[0]),
        gallery=gallery,
        fpir=settings.policy.fpir,
        on_decision=lambda _: None,
        on_prompt=lambda _: None,
        jobs=jobs,
    )
    thread = threading.Thread(target=loop.run, args=(slot, stop), name="vision")
    thread.start()
    stack.callback(thread.join)
    stack.callback(slot.close)
    stack.callback(stop.set)
    networks = SharedNetworks(jobs=jobs, model=recogniser.model, scale=recogniser.scale)
    enroller = Enroller(recogniser=networks, gallery=gallery)
    standing = CameraStanding(tell=lambda _: None)
    return Terminal(
        settings=settings,
        store=store,
        gallery=gallery,
        networks=networks,
        enroller=enroller,
        enrolment=LiveEnrolment(jobs=jobs, networks=networks, enroller=enroller),
        jobs=jobs,
        outbox=outbox,
        feed=LiveFeed(),
        access=NobodyWaits(),
        door=ClosedDoor(),
        metrics=Metrics(),
        camera=lambda: standing.health,
    )


def _timed(search: Search, stages: Mapping[str, list[float]]) -> Search:
    def timed(gallery: Gallery, probe: Embedding) -> tuple[Candidate, ...]:
        started = time.perf_counter()
        try:
            return search(gallery, probe)
        finally:
            stages["search"].append(time.perf_counter() - started)

    return timed


def _fill(store: Store, model: str, count: int) -> None:
    vectors = np.random.default_rng(count).standard_normal((count, DIMENSION), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for number, vector in enumerate(vectors):
        store.enrol(f"stranger-{number}", [NewTemplate(vector, model, "bench", 1.0)], replace=False)


def _portrait() -> Path:
    return Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"


def _base64(image: Image, quality: int) -> str:
    jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return base64.b64encode(jpeg.tobytes()).decode()


def _vga(picture: Path) -> Image:
    """640×480, the face in the middle of its height."""
    image = cv2.imread(str(picture))
    if image is None:
        raise SystemExit(f"{picture}: not a picture")
    height, width = image.shape[:2]
    scaled = cv2.resize(image, (round(width * 480 / height), 480), interpolation=cv2.INTER_AREA)[:, :640]
    padded = cv2.copyMakeBorder(scaled, 0, 0, 0, 640 - scaled.shape[1], cv2.BORDER_REPLICATE)
    return np.asarray(padded, dtype=np.uint8)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
