"""A terminal with the real networks, its API served on loopback, and clients with keys."""

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import httpx
import numpy as np

from daemon.api.build import serve_api
from daemon.api.live import LiveParts
from daemon.api.screen_server import make_screen
from daemon.api.terminal import Terminal
from daemon.audit import AuditTrail, open_audit
from daemon.config.settings import Settings, parse
from daemon.enrolment.build import make_enroller
from daemon.enrolment.while_watching import LiveEnrolment
from daemon.errors import DoorError
from daemon.events.live_feed import LiveFeed
from daemon.events.outbox import Outbox
from daemon.gallery.keeper import GalleryKeeper
from daemon.keys import KeyRing, Permission, open_keys
from daemon.live.outcomes import Outcomes
from daemon.live.pictures import LivePictures
from daemon.live.view import LiveView
from daemon.metrics import Metrics
from daemon.storage.masterkey import GivenKey
from daemon.storage.store import Store
from daemon.storage.transform import Identity
from daemon.storage.vault import Vault
from daemon.types import Glance
from daemon.vision.camera_state import CameraStanding
from daemon.vision.capture import NewestFrame
from daemon.vision.jobs import VisionJobs
from daemon.vision.loop import VisionLoop
from daemon.vision.policy import AccessPolicy
from daemon.vision.recogniser import Recogniser
from daemon.vision.shared_networks import SharedNetworks
from daemon.vision.tracker import Tracker
from models.geometry import Image

LONG = 30.0


@dataclass(frozen=True, eq=False)
class Served:
    """A terminal whose API is up; `slot` is where its camera would put frames, `decisions` what its policy said."""

    url: str
    folder: Path
    terminal: Terminal
    slot: NewestFrame
    decisions: list[object]
    keys: KeyRing
    audit: AuditTrail
    camera: CameraStanding

    def client(self, *permissions: Permission, name: str = "") -> httpx.Client:
        """A client with a new key; of all permissions if none is named."""
        name = name or f"test {len(self.keys.all())}"
        value = self.keys.create(name, permissions or tuple(Permission)).value
        return httpx.Client(base_url=self.url, headers={"Api-Key": value}, timeout=LONG)


class RecordedDoor:
    """A door that remembers what was asked of it; in a lockdown it refuses to unlock."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int | None]] = []

    def unlock(self, seconds: int | None) -> None:
        if ("lockdown", 1) in self.asked:
            raise DoorError("the door is locked down; end the lockdown first")
        self.asked.append(("unlock", seconds))

    def lock(self) -> None:
        self.asked.append(("lock", None))

    def lockdown(self, *, on: bool) -> None:
        self.asked.append(("lockdown", int(on)))


class WaitingForAnna:
    """Wants Anna's PIN, 4711, until it comes."""

    def __init__(self) -> None:
        self.waiting_for: str | None = "anna"

    def pin(self, pin: str) -> bool:
        right = self.waiting_for is not None and pin == "4711"
        self.waiting_for = None if right else self.waiting_for
        return right


@contextmanager
def serving(
    folder: Path,
    recogniser: Recogniser,
    *,
    live_only: bool = False,
    more: dict[str, dict[str, object]] | None = None,
    config: Path | None = None,
    restart: Callable[[], None] | None = None,
    **api: object,
) -> Iterator[Served]:
    """`more` are further sections of the configuration, `config` the file that may be changed."""
    more = more or {}
    settings = parse(
        {
            **more,
            "storage": {"folder": str(folder), **more.get("storage", {})},
            "enrolment": {"live_only": live_only},
            "api": {"port": 0, "tls": False, **api},
            "screen": {"enabled": True, "view": False},
        },
        source="the test's settings",
    )
    with ExitStack() as stack:
        terminal, slot, decisions, camera = _start(stack, settings, recogniser, config=config, restart=restart)
        server = stack.enter_context(serve_api(terminal))
        assert server is not None
        port = server.wait(LONG)
        assert port is not None
        keys = stack.enter_context(closing(open_keys(folder, terminal.store)))
        audit = stack.enter_context(closing(open_audit(folder, terminal.store)))
        yield Served(f"http://127.0.0.1:{port}", folder, terminal, slot, decisions, keys, audit, camera)


def _start(
    stack: ExitStack,
    settings: Settings,
    recogniser: Recogniser,
    *,
    config: Path | None,
    restart: Callable[[], None] | None,
) -> tuple[Terminal, NewestFrame, list[object], CameraStanding]:
    folder = settings.storage.folder
    vault = Vault(source=GivenKey("the test's key", bytes(range(32))))
    # A rotation of 512 dimensions takes a second to make, and this is no test of it.
    transform = lambda _secret, _dimension: Identity()  # noqa: E731
    store = stack.enter_context(closing(Store(path=folder / "gallery.db", vault=vault, transform=transform)))
    gallery = GalleryKeeper(store=store, model=recogniser.model)
    outbox = stack.enter_context(
        closing(Outbox(path=folder / "events.db", device_id="terminal", limit=1000, max_age_seconds=1e6))
    )
    jobs, slot, stop = VisionJobs(), NewestFrame(), threading.Event()
    decisions: list[object] = []
    view, outcomes, metrics = LiveView(), Outcomes(), Metrics()

    def show(glance: Glance) -> None:
        outcomes.note(glance)
        view.show(glance)

    loop = VisionLoop(
        recogniser=recogniser,
        tracker=Tracker(),
        policy=AccessPolicy(policy=settings.policy, liveness=settings.liveness, choose=lambda options: options[0]),
        gallery=gallery,
        fpir=settings.policy.fpir,
        on_decision=decisions.append,
        on_prompt=decisions.append,
        show=show,
        jobs=jobs,
    )
    thread = threading.Thread(target=loop.run, args=(slot, stop), name="vision")
    thread.start()
    stack.callback(thread.join)
    stack.callback(slot.close)
    stack.callback(stop.set)
    networks = SharedNetworks(jobs=jobs, model=recogniser.model, scale=recogniser.scale)
    enroller = make_enroller(settings, recogniser=networks, store=store, gallery=gallery)
    standing = CameraStanding(tell=lambda _: None)
    terminal = Terminal(
        settings=settings,
        store=store,
        gallery=gallery,
        networks=networks,
        enroller=enroller,
        enrolment=LiveEnrolment(jobs=jobs, networks=networks, enroller=enroller),
        jobs=jobs,
        outbox=outbox,
        feed=LiveFeed(),
        door=RecordedDoor(),
        access=WaitingForAnna(),
        metrics=metrics,
        camera=lambda: standing.health,
        live=LiveParts(
            view=view,
            pictures=LivePictures(view=view),
            outcomes=outcomes,
            stages=lambda: metrics.latest_stages,
        ),
        restart=restart or (lambda: None),
        config=config,
        screen=make_screen(settings).parts,
    )
    return terminal, slot, decisions, standing


def jpeg(image: Image) -> str:
    return encoded(image, ".jpg")


def encoded(image: Image, suffix: str) -> str:
    done, content = cv2.imencode(suffix, image)
    assert done
    return base64.b64encode(content.tobytes()).decode()


def beside(*images: Image) -> Image:
    """Pictures in a row, as high as the first."""
    height = images[0].shape[0]
    resized = [cv2.resize(one, (one.shape[1] * height // one.shape[0], height)) for one in images]
    return np.asarray(np.hstack(resized), dtype=np.uint8)
