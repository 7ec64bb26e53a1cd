"""What the REST API costs: latency and throughput of its calls over TLS on loopback, beside the bare pipeline's time.

A 640×480 JPEG of one face, one client, one vision thread without a camera; then several clients at once. The bare
pipeline is detection, landmarks, embedding and search of the decoded picture, in the same process and run.
"""

import argparse
import base64
import json
import ssl
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import httpx
import matplotlib
import numpy as np

from daemon.api.build import serve_api
from daemon.api.terminal import Terminal
from daemon.config.settings import Settings, parse
from daemon.enrolment.enroller import Enroller, NamedImage
from daemon.enrolment.while_watching import LiveEnrolment
from daemon.events.live_feed import LiveFeed
from daemon.events.outbox import Outbox
from daemon.gallery.keeper import GalleryKeeper
from daemon.keys import Permission, open_keys
from daemon.metrics import Metrics
from daemon.storage.masterkey import KeyFile
from daemon.storage.people import NewTemplate
from daemon.storage.store import Store
from daemon.storage.vault import Vault
from daemon.vision.camera_state import CameraStanding
from daemon.vision.capture import NewestFrame
from daemon.vision.jobs import VisionJobs
from daemon.vision.loop import VisionLoop
from daemon.vision.policy import AccessPolicy
from daemon.vision.recogniser import Recogniser, load_recogniser
from daemon.vision.shared_networks import SharedNetworks
from daemon.vision.tracker import Tracker
from models.geometry import Image

DIMENSION = 513
CLIENTS = 4


@dataclass(frozen=True)
class Figure:
    """One call: milliseconds of one client at a time, and calls a second of CLIENTS at once."""

    call: str
    people: int
    p50_ms: float
    p99_ms: float
    per_second: float


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
    """A served terminal, a client of it, and what both look at."""

    recogniser: Recogniser
    gallery: GalleryKeeper
    client: httpx.Client
    image: Image
    jpeg: bytes


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
    cv2.setNumThreads(1)
    figures: list[Figure] = []
    for people in options.people:
        with tempfile.TemporaryDirectory() as folder, _served(Path(folder), people, options.picture) as bench:
            figures += list(_measure(bench, people, options.calls))
    if options.json:
        sys.stdout.write(json.dumps([asdict(figure) for figure in figures]) + "\n")
        return 0
    for one in figures:
        times = f"p50 {one.p50_ms:6.2f} ms   p99 {one.p99_ms:6.2f} ms"
        print(f"{one.call:<16} {one.people:>6} people   {times}   {one.per_second:6.0f}/s with {CLIENTS} clients")
    return 0


def _measure(bench: Bench, people: int, calls: int) -> Iterator[Figure]:
    picture = base64.b64encode(bench.jpeg).decode()
    # Made once: the client runs in this process, and its own work is none of the terminal's.
    body = json.dumps({"faceImage": picture}).encode()
    both = json.dumps({"sourceImage": picture, "targetImage": picture}).encode()
    client = bench.client
    yield _figure("bare pipeline", people, calls, lambda: _bare(bench), clients=1)
    yield _figure("identify", people, calls, lambda: client.post("/identify", content=body).raise_for_status())
    yield _figure("verify", people, calls, lambda: client.post("/verify/bench", content=body).raise_for_status())
    yield _figure("compare", people, calls, lambda: client.post("/compare", content=both).raise_for_status())
    yield _figure("person GET", people, calls, lambda: client.get("/person/bench").raise_for_status())


def _bare(bench: Bench) -> None:
    faces = bench.recogniser.detect(bench.image)
    bench.gallery.current.search(bench.recogniser.embed(bench.recogniser.view(bench.image, faces[0])))


def _figure(call: str, people: int, calls: int, once: Callable[[], object], *, clients: int = CLIENTS) -> Figure:
    for _ in range(20):
        once()
    times = sorted(_timed(once) for _ in range(calls))
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(once) for _ in range(calls)]:
            done.result()
    per_second = calls / (time.perf_counter() - started)
    return Figure(call, people, statistics.median(times), times[int(len(times) * 0.99)], per_second)


def _timed(once: Callable[[], object]) -> float:
    started = time.perf_counter()
    once()
    return (time.perf_counter() - started) * 1000


@contextmanager
def _served(folder: Path, people: int, picture: Path) -> Iterator[Bench]:
    settings = parse({"storage": {"folder": str(folder)}, "api": {"port": 0}}, source="the bench's settings")
    image = _vga(picture)
    with ExitStack() as stack:
        recogniser = load_recogniser(vision=settings.vision, limits=settings.quality)
        store = stack.enter_context(
            closing(Store(path=folder / "gallery.db", vault=Vault(source=KeyFile(folder / "master.key"))))
        )
        _fill(store, recogniser.model, people - 1)
        gallery = GalleryKeeper(store=store, model=recogniser.model)
        Enroller(recogniser=recogniser, gallery=gallery).enrol("bench", [NamedImage(str(picture), image)], source="api")
        terminal = _terminal(stack, settings, recogniser, store, gallery)
        server = stack.enter_context(serve_api(terminal))
        port = server.wait(30) if server is not None else None
        keys = stack.enter_context(closing(open_keys(folder, store)))
        client = httpx.Client(
            base_url=f"https://127.0.0.1:{port}",
            headers={
                "Api-Key": keys.create("bench", tuple(Permission)).value,
                "Content-Type": "application/json",
            },
            verify=ssl.create_default_context(cafile=folder / "tls.crt"),
            timeout=60,
        )
        jpeg = cv2.imencode(".jpg", image)[1].tobytes()
        yield Bench(recogniser, gallery, stack.enter_context(client), image, jpeg)


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


def _fill(store: Store, model: str, count: int) -> None:
    vectors = np.random.default_rng(count).standard_normal((count, DIMENSION), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for number, vector in enumerate(vectors):
        store.enrol(f"stranger-{number}", [NewTemplate(vector, model, "bench", 1.0)], replace=False)


def _portrait() -> Path:
    return Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"


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
