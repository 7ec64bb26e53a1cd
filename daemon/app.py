"""Builds the terminal's objects once, starts them in order and stops them in the reverse one."""

import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

import cv2

from daemon.capture import NewestFrame, capture
from daemon.config import Settings
from daemon.door import Door
from daemon.errors import StoreError
from daemon.events import EventLog
from daemon.gallery import GalleryKeeper
from daemon.messages import DoorState, door_payload
from daemon.mqtt import MqttPublisher
from daemon.outbox import Outbox
from daemon.policy import AccessPolicy
from daemon.recogniser import Recogniser, load_recogniser
from daemon.sharing_setup import sharing
from daemon.store import Store
from daemon.store import open_store as open_configured_store
from daemon.supervision import Supervisor
from daemon.tracker import Tracker
from daemon.types import Decision, Prompt
from daemon.vision import VisionLoop
from hw.backends import make_camera, make_output_line
from hw.camera import Camera
from hw.strike import Strike

log = logging.getLogger(__name__)

GALLERY_REFRESH_SECONDS = 1.0
STOP_SECONDS = 1.5
SECONDS_A_DAY = 86_400.0

Tell = Callable[[Mapping[str, object]], None]


def open_camera(settings: Settings) -> Camera:
    """Raises BackendError or CameraError."""
    return make_camera(settings.camera.backend, settings.camera.model_dump(exclude={"backend"}))


def open_strike(settings: Settings) -> Strike:
    """The strike, locked. Raises BackendError or LineError."""
    strike = settings.door.strike
    line = make_output_line(strike.backend, strike.model_dump(exclude={"backend"}))
    return Strike(line=line, fail_safe=settings.door.fail_safe)


def open_store(settings: Settings) -> Store:
    """The people on disk, in a new store where there is none. Raises StoreError."""
    try:
        return open_configured_store(settings.storage, environ=os.environ)
    except OSError as error:
        # A folder that may not even be looked into fails before the store can say so.
        raise StoreError(f"{error.filename}: {error.strerror}; run as the daemon's user") from error


@dataclass(frozen=True, eq=False)
class Desk:
    """What enrolment and one-off checks need: the networks and the people."""

    recogniser: Recogniser
    store: Store
    gallery: GalleryKeeper


@contextmanager
def open_desk(settings: Settings) -> Iterator[Desk]:
    """The people on disk and the networks that compare with them. Raises StoreError and ModelError."""
    with closing(open_store(settings)) as store:
        recogniser = load_recogniser(vision=settings.vision, limits=settings.quality)
        yield Desk(recogniser, store, GalleryKeeper(store=store, model=recogniser.model))


def run(settings: Settings, *, supervisor: Supervisor, tell: Tell) -> None:
    """Be a terminal until `supervisor.stop` is set or an essential thread dies (see `supervisor.failure`).

    `tell` gets each decision and each state of the door as a JSON-like mapping. Raises the errors of every part that
    can't be started; the strike is locked before anything else is tried and on every way out.
    """
    # One vision thread is the design; OpenCV's own pool would fight it for the cores.
    cv2.setNumThreads(1)
    with ExitStack() as stack:
        strike = stack.enter_context(closing(open_strike(settings)))
        desk = stack.enter_context(open_desk(settings))
        recogniser, gallery = desk.recogniser, desk.gallery
        outbox = stack.enter_context(
            closing(
                Outbox(
                    path=settings.storage.folder / "events.db",
                    device_id=settings.device.id,
                    limit=settings.mqtt.outbox_events,
                    max_age_seconds=settings.mqtt.outbox_days * SECONDS_A_DAY,
                )
            )
        )
        publisher = stack.enter_context(_publisher(settings, outbox))
        if publisher is not None:
            stack.enter_context(sharing(settings, store=desk.store, outbox=outbox, notify=publisher.notify))

        def on_access(payload: Mapping[str, object]) -> None:
            tell({"event": "access", **payload})
            if publisher is not None:
                publisher.notify()

        def on_door(state: DoorState) -> None:
            tell({"event": "door", **door_payload(state, device_id=settings.device.id)})
            if publisher is not None:
                publisher.publish_door(state)

        def on_prompt(prompt: Prompt) -> None:
            tell({"event": "challenge", "challenge": prompt.challenge.value, "track": prompt.track_id})

        events = EventLog(
            outbox=outbox, scale=recogniser.scale, on_access=on_access, on_door=on_door, on_prompt=on_prompt
        )
        door = Door(
            strike=strike,
            pulse_seconds=settings.door.pulse_seconds,
            grant_deadline_seconds=settings.policy.grant_deadline_seconds,
            on_unlocked=events.tell,
            on_locked=lambda locked: events.tell_door(locked=locked),
        )

        def on_decision(decision: Decision) -> None:
            if decision.granted:
                door.grant(decision)
            else:
                events.tell(decision)

        vision = VisionLoop(
            recogniser=recogniser,
            tracker=Tracker(),
            policy=AccessPolicy(
                policy=settings.policy, liveness=settings.liveness, choose=secrets.SystemRandom().choice
            ),
            gallery=gallery,
            fpir=settings.policy.fpir,
            on_decision=on_decision,
            on_prompt=events.tell_prompt,
        )
        camera = stack.enter_context(closing(open_camera(settings)))
        slot = NewestFrame()
        stop = supervisor.stop
        told = threading.Event()
        supervisor.start("door", lambda: door.run(stop))
        supervisor.start("events", lambda: events.run(told))
        supervisor.start("vision", lambda: vision.run(slot, stop))
        supervisor.start("camera", lambda: capture(camera, slot, stop), may_finish=True)
        log.info("ready: %d people enrolled", gallery.current.size)
        while not stop.wait(GALLERY_REFRESH_SECONDS):
            gallery.refresh()
        door.wake()
        slot.close()
        camera.close()
        told.set()
        for name in supervisor.join(STOP_SECONDS):
            log.error("%s did not stop in %.1f s", name, STOP_SECONDS)


@contextmanager
def _publisher(settings: Settings, outbox: Outbox) -> Iterator[MqttPublisher | None]:
    if not settings.mqtt.enabled:
        yield None
        return
    publisher = MqttPublisher(outbox=outbox, settings=settings.mqtt, device_id=settings.device.id)
    publisher.start()
    try:
        yield publisher
    finally:
        publisher.close()
