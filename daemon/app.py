"""Builds the terminal's objects once, starts them in order and stops them in the reverse one."""

import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial

import cv2

from daemon.aftermath import Aftermath
from daemon.api.build import Terminal, serve_api
from daemon.capture import NewestFrame, capture
from daemon.config import Settings
from daemon.door_assembly import DoorSide, assemble_door
from daemon.door_build import open_strike
from daemon.door_last_resort import locking_on_signals
from daemon.door_memory import LockdownFile
from daemon.errors import StoreError
from daemon.events import EventLog
from daemon.gallery import GalleryKeeper
from daemon.health import HealthReport
from daemon.jobs import VisionJobs
from daemon.live_enrolment import LiveEnrolment
from daemon.live_feed import LiveFeed
from daemon.metrics import Metrics
from daemon.mqtt_build import mqtt_connection
from daemon.outbox import Outbox
from daemon.outlets import Outlets, Tell
from daemon.people_build import make_aftermath, make_enroller
from daemon.policy import AccessPolicy
from daemon.recogniser import Recogniser, load_recogniser
from daemon.shared_networks import SharedNetworks
from daemon.sharing_setup import sharing
from daemon.store import Store
from daemon.store import open_store as open_configured_store
from daemon.supervision import Supervisor
from daemon.terminal_commands import TerminalCommands
from daemon.tracker import Tracker
from daemon.types import Decision, Prompt
from daemon.vision import Note, VisionLoop
from hw.backends import make_camera
from hw.camera import Camera

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
STOP_SECONDS = 1.5
SECONDS_A_DAY = 86_400.0


def open_camera(settings: Settings) -> Camera:
    """Raises BackendError or CameraError."""
    return make_camera(settings.camera.backend, settings.camera.model_dump(exclude={"backend"}))


def open_store(settings: Settings) -> Store:
    """The people on disk, in a new store where there is none. Raises StoreError."""
    try:
        return open_configured_store(settings.storage, environ=os.environ)
    except OSError as error:
        # A folder that may not even be looked into fails before the store can say so.
        raise StoreError(f"{error.filename}: {error.strerror}; run as the daemon's user") from error


def open_outbox(settings: Settings) -> Outbox:
    """The events on disk. Raises StoreError."""
    return Outbox(
        path=settings.storage.folder / "events.db",
        device_id=settings.device.id,
        limit=settings.mqtt.outbox_events,
        max_age_seconds=settings.mqtt.outbox_days * SECONDS_A_DAY,
    )


@dataclass(frozen=True, eq=False)
class Desk:
    """What enrolment and one-off checks need: the networks and the people."""

    recogniser: Recogniser
    store: Store
    gallery: GalleryKeeper


@contextmanager
def open_desk(settings: Settings, *, observe: Callable[[str, float], None] = lambda *_: None) -> Iterator[Desk]:
    """The people on disk and the networks that compare with them. Raises StoreError and ModelError."""
    with closing(open_store(settings)) as store:
        recogniser = load_recogniser(vision=settings.vision, limits=settings.quality, observe=observe)
        yield Desk(recogniser, store, GalleryKeeper(store=store, model=recogniser.model))


def run(
    settings: Settings, *, supervisor: Supervisor, tell: Tell, check_configuration: Callable[[], None] = lambda: None
) -> None:
    """Be a terminal until `supervisor.stop` is set or an essential thread dies (see `supervisor.failure`).

    `tell` gets each decision, event and state of the door as a JSON-like mapping. `check_configuration` raises
    ConfigError when the file as it is now could not be started with. Raises the errors of every part that can't be
    started; the strike is locked before anything else is tried and on every way out.
    """
    # One vision thread is the design; OpenCV's own pool would fight it for the cores.
    cv2.setNumThreads(1)
    with ExitStack() as stack:
        strike = stack.enter_context(closing(open_strike(settings.door)))
        if threading.current_thread() is threading.main_thread():
            stack.enter_context(locking_on_signals(strike.lock))
        metrics = Metrics()
        desk = stack.enter_context(open_desk(settings, observe=metrics.stage))
        outbox = stack.enter_context(closing(open_outbox(settings)))
        memory = LockdownFile(settings.storage.folder / "lockdown")
        aftermath = make_aftermath(settings, recogniser=desk.recogniser, store=desk.store)
        feed = LiveFeed(outlets=(metrics.happening, tell))
        outlets = Outlets(tell=feed.tell, memory=memory, device_id=settings.device.id, keep=aftermath.told)
        events = EventLog(
            outbox=outbox,
            scale=desk.recogniser.scale,
            on_access=outlets.access,
            on_event=outlets.event,
            on_door=outlets.door,
        )
        door = stack.enter_context(
            assemble_door(settings, strike=strike, store=desk.store, events=events, lockdown=memory.load())
        )
        jobs = VisionJobs()
        vision = make_vision(
            settings,
            desk=desk,
            jobs=jobs,
            on_decision=door.access.decide,
            on_prompt=events.tell_prompt,
            note=aftermath.note,
        )
        networks = SharedNetworks(jobs=jobs, model=desk.recogniser.model, scale=desk.recogniser.scale)
        enroller = make_enroller(settings, recogniser=networks, store=desk.store, gallery=desk.gallery)
        enrolment = LiveEnrolment(jobs=jobs, networks=networks, enroller=enroller)
        commands = TerminalCommands(
            door=door.runner,
            enrolment=enrolment,
            events=events,
            health=HealthReport(vision=vision, gallery=desk.gallery),
            check_configuration=check_configuration,
            reload=supervisor.restart,
            stop=supervisor.stop,
        )
        if settings.mqtt.enabled:
            publisher = stack.enter_context(mqtt_connection(settings, outbox=outbox, handler=commands))
            outlets.attach(publisher)
            stack.enter_context(sharing(settings, store=desk.store, outbox=outbox, notify=publisher.notify))
        camera = stack.enter_context(closing(open_camera(settings)))
        terminal = Terminal(
            settings=settings,
            store=desk.store,
            gallery=desk.gallery,
            networks=networks,
            enroller=enroller,
            enrolment=enrolment,
            jobs=jobs,
            outbox=outbox,
            feed=feed,
            door=door.runner,
            metrics=metrics,
        )
        stack.enter_context(serve_api(terminal))
        log.info("ready: %d people enrolled", desk.gallery.current.size)
        _serve(
            supervisor,
            Threads(door=door, events=events, vision=vision, camera=camera, aftermath=aftermath),
            gallery=desk.gallery,
        )


@dataclass(frozen=True, eq=False)
class Threads:
    """What runs in a thread of its own; each is essential but `aftermath`, which survives its failures."""

    door: DoorSide
    events: EventLog
    vision: VisionLoop
    camera: Camera
    aftermath: Aftermath


def make_vision(
    settings: Settings,
    *,
    desk: Desk,
    jobs: VisionJobs,
    on_decision: Callable[[Decision], None],
    on_prompt: Callable[[Prompt], None],
    note: Note,
) -> VisionLoop:
    """The vision thread-to-be, with a tracker and a policy of its own."""
    choose = secrets.SystemRandom().choice
    return VisionLoop(
        recogniser=desk.recogniser,
        tracker=Tracker(),
        policy=AccessPolicy(policy=settings.policy, liveness=settings.liveness, choose=choose),
        gallery=desk.gallery,
        fpir=settings.policy.fpir,
        on_decision=on_decision,
        on_prompt=on_prompt,
        note=note,
        jobs=jobs,
    )


def _serve(supervisor: Supervisor, threads: Threads, *, gallery: GalleryKeeper) -> None:
    """Run the threads until one ends or all are told to, taking up changed people each second; the door locks first."""
    stop, told, slot = supervisor.stop, threading.Event(), NewestFrame()
    for name, serve in threads.door.threads:
        supervisor.start(name, partial(serve, stop))
    supervisor.start("events", lambda: threads.events.run(told))
    supervisor.start("aftermath", lambda: threads.aftermath.run(told))
    supervisor.start("vision", lambda: threads.vision.run(slot, stop))
    supervisor.start("camera", lambda: capture(threads.camera, slot, stop), may_finish=True)
    while not stop.wait(TICK_SECONDS):
        gallery.refresh()
        threads.door.refresh()
    threads.door.runner.wake()
    slot.close()
    threads.camera.close()
    told.set()
    for name in supervisor.join(STOP_SECONDS):
        log.error("%s did not stop in %.1f s", name, STOP_SECONDS)
