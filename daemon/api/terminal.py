"""What the API sees of the terminal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from daemon.api.device import DoorCommands, SecondFactor
from daemon.api.live import LiveParts
from daemon.api.screen_calls import ScreenParts
from daemon.config.settings import Settings
from daemon.console.temperatures import TemperatureLog
from daemon.enrolment.enroller import Enroller
from daemon.enrolment.while_watching import LiveEnrolment
from daemon.events.live_feed import LiveFeed
from daemon.events.outbox import Outbox
from daemon.gallery.keeper import GalleryKeeper
from daemon.heat import read_heat
from daemon.logs import LogKeeper
from daemon.metrics import Metrics
from daemon.storage.store import Store
from daemon.vision.camera_state import CameraHealth
from daemon.vision.jobs import VisionJobs
from daemon.vision.shared_networks import SharedNetworks
from daemon.vitals import Vitals


@dataclass(frozen=True, eq=False)
class Terminal:
    """What the API sees of the terminal. `networks` may be used from any thread.

    `stuck` says why changes of what, by its name, can't be read.
    `restart` starts it anew with the file `config` as it is then (None: it runs on defaults), or raises ConfigError.
    """

    settings: Settings
    store: Store
    gallery: GalleryKeeper
    networks: SharedNetworks
    enroller: Enroller
    enrolment: LiveEnrolment
    jobs: VisionJobs
    outbox: Outbox
    feed: LiveFeed
    door: DoorCommands
    access: SecondFactor
    metrics: Metrics
    camera: Callable[[], CameraHealth]
    stuck: Callable[[], Mapping[str, str]] = dict
    vitals: Vitals = field(default_factory=Vitals)
    live: LiveParts | None = None
    restart: Callable[[], None] = lambda: None
    config: Path | None = None
    logs: LogKeeper = field(default_factory=LogKeeper)
    temperatures: TemperatureLog = field(default_factory=lambda: TemperatureLog(sensor=lambda: read_heat().celsius))
    screen: ScreenParts | None = None
