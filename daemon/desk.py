"""What the daemon and the command line open alike: camera, people, events and networks of a configuration."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial

from daemon.config.settings import Settings
from daemon.errors import StoreError
from daemon.events.outbox import Outbox
from daemon.gallery.keeper import GalleryKeeper
from daemon.owners import whose
from daemon.storage.store import Store
from daemon.storage.store import open_store as open_configured_store
from daemon.vision.attention import Attention
from daemon.vision.camera_keeper import CameraKeeper
from daemon.vision.camera_state import CameraStanding
from daemon.vision.recogniser import Recogniser, load_recogniser
from hw.backends import camera_backend, make_camera
from hw.camera import Camera
from hw.picture_health import PictureWatch

SECONDS_A_DAY = 86_400.0


def open_camera(settings: Settings) -> Camera:
    """Raises BackendError or CameraError."""
    return make_camera(settings.camera.backend, settings.camera.options())


def make_keeper(settings: Settings, *, standing: CameraStanding, attention: Attention) -> CameraKeeper:
    """What keeps the configured camera open.

    A recording is opened at once: one that can't be played is a mistake in the configuration, not a camera that comes
    back. Raises BackendError, and a recording's CameraError.
    """
    camera = settings.camera
    camera_backend(camera.backend)
    recorded = camera.backend == "replay"
    return CameraKeeper(
        open_camera=partial(open_camera, settings),
        first=open_camera(settings) if recorded else None,
        standing=standing,
        watch=None if recorded else PictureWatch(size=camera.size, frozen_seconds=camera.frozen_seconds),
        attention=attention,
    )


def open_store(settings: Settings) -> Store:
    """The people on disk, in a new store where there is none. Raises StoreError."""
    try:
        return open_configured_store(settings.storage, environ=os.environ)
    except OSError as error:
        # A folder that may not even be looked into fails before the store can say so.
        raise StoreError(f"{error.filename}: {error.strerror}; {whose(settings.storage.folder)}") from error


def open_outbox(settings: Settings) -> Outbox:
    """The events on disk. Raises StoreError."""
    return Outbox(
        path=settings.storage.folder / "events.db",
        device_id=settings.device.id,
        limit=settings.mqtt.outbox_events,
        max_age_seconds=settings.mqtt.outbox_days * SECONDS_A_DAY,
        history=settings.storage.history_events,
        awaited=settings.mqtt.enabled,
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
