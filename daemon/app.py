"""Builds the terminal's objects once, starts them in order and stops them in the reverse one."""

import logging
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

from daemon.api.build import serve_api
from daemon.api.live import LiveParts
from daemon.api.screen_server import ScreenSide, make_screen, serve_screen
from daemon.api.terminal import Terminal
from daemon.config.settings import Settings
from daemon.desk import Desk, make_keeper, open_desk, open_outbox
from daemon.door.assembly import DoorSide, assemble_door
from daemon.door.build import open_strike
from daemon.door.last_resort import locking_on_signals
from daemon.door.listeners import Listeners
from daemon.door.memory import MarkFile
from daemon.enrolment.aftermath import Aftermath
from daemon.enrolment.build import make_aftermath, make_enroller
from daemon.enrolment.enroller import Enroller
from daemon.enrolment.while_watching import LiveEnrolment
from daemon.events.live_feed import LiveFeed
from daemon.events.log import EventLog
from daemon.events.outbox import Outbox
from daemon.gallery.keeper import GalleryKeeper
from daemon.health import HealthReport
from daemon.live.outcomes import Outcomes
from daemon.live.pictures import LivePictures
from daemon.log_levels import LevelsFile, LevelsFollower
from daemon.logs import LogKeeper
from daemon.metrics import Metrics
from daemon.mqtt.build import mqtt_connection
from daemon.outlets import Outlets, Tell
from daemon.refreshing import Refreshing
from daemon.service_manager import ServiceManager
from daemon.sharing.setup import sharing
from daemon.supervision import Supervisor
from daemon.terminal_commands import TerminalCommands
from daemon.threads import compute_alone
from daemon.types import Glance
from daemon.vision.attention import Attention
from daemon.vision.camera_keeper import CameraKeeper
from daemon.vision.camera_state import CameraHealth, CameraStanding
from daemon.vision.capture import NewestFrame
from daemon.vision.jobs import VisionJobs
from daemon.vision.loop import VisionLoop
from daemon.vision.metering import FaceMetering
from daemon.vision.policy import AccessPolicy
from daemon.vision.shared_networks import SharedNetworks
from daemon.vision.tracker import Tracker
from daemon.watch import Watch
from hw.strike import Strike

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
STOP_SECONDS = 1.5


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What the process knows besides the settings: the file they came from, and the last lines of its log."""

    config: Path | None = None
    logs: LogKeeper = field(default_factory=LogKeeper)


def run(
    settings: Settings,
    *,
    supervisor: Supervisor,
    tell: Tell,
    service: ServiceManager,
    check_configuration: Callable[[], None] = lambda: None,
    surroundings: Surroundings | None = None,
) -> None:
    """Be a terminal until `supervisor.stop` is set or an essential thread dies (see `supervisor.failure`).

    `tell` gets each decision, event and state of the door as a JSON-like mapping, `service` how it gets on.
    `check_configuration` raises ConfigError when the file as it is now could not be started with. Raises the errors of
    every part that can't be started; the strike is locked before anything else is tried and on every way out.
    """
    compute_alone()
    with ExitStack() as stack:
        strike = stack.enter_context(closing(open_strike(settings.door)))
        if threading.current_thread() is threading.main_thread():
            stack.enter_context(locking_on_signals(partial(_lock_for_good, supervisor, strike)))
        service.starting("the strike is locked; loading people and networks")
        metrics = Metrics()
        desk = stack.enter_context(open_desk(settings, observe=metrics.stage))
        telling = stack.enter_context(open_telling(settings, desk=desk, tell=tell, metrics=metrics))
        screen = make_screen(settings)
        hearers = Listeners(([] if screen.parts is None else [screen.parts.board]) + [telling.events])
        door = stack.enter_context(
            assemble_door(settings, strike=strike, store=desk.store, events=hearers, lockdown=telling.memory.load())
        )
        service.starting("the door is assembled; opening broker, camera and API")
        sight = make_sight(settings, desk=desk, door=door, telling=telling, screen=screen)
        refresh = Refreshing({"people": desk.gallery.refresh, "access": door.refresh})
        health = _health(sight, desk.gallery, refresh)
        commands = _commands(supervisor, sight, door, telling, health=health, check=check_configuration)
        stack.enter_context(_connected(settings, desk=desk, telling=telling, commands=commands, health=health))
        stack.callback(sight.keeper.close)
        around = surroundings or Surroundings()
        made = _terminal(settings, desk=desk, telling=telling, sight=sight, door=door, metrics=metrics, screen=screen)
        terminal = replace(made, restart=commands.reload, config=around.config, logs=around.logs, stuck=refresh.stuck)
        stack.enter_context(serve_api(terminal))
        stack.enter_context(
            serve_screen(settings, screen, observe=metrics.call, blind=lambda: sight.standing.health.blind_for_good)
        )
        log.info("ready: %d people enrolled", desk.gallery.current.size)
        levels = LevelsFollower(LevelsFile(settings.storage.folder), level=settings.log.level)
        watch = Watch(service=service, vision=sight.vision, door=door.runner, gallery=desk.gallery)
        _serve(
            supervisor,
            Threads(door=door, telling=telling, vision=sight.vision, keeper=sight.keeper),
            watch=watch,
            each_second=(refresh, levels.refresh),
        )


def _lock_for_good(supervisor: Supervisor, strike: Strike) -> None:
    # The door's thread, which drives the strike again each second, must not release it once more.
    supervisor.stop.set()
    strike.lock()


@dataclass(frozen=True, eq=False)
class Telling:
    """What is told and kept of what happens; `aftermath` notes decisions, `memory` is that of a lockdown."""

    outbox: Outbox
    events: EventLog
    outlets: Outlets
    feed: LiveFeed
    aftermath: Aftermath
    memory: MarkFile


@contextmanager
def open_telling(settings: Settings, *, desk: Desk, tell: Tell, metrics: Metrics) -> Iterator[Telling]:
    """Raises StoreError."""
    memory = MarkFile(settings.storage.folder / "lockdown", locked="locked down")
    aftermath = make_aftermath(settings, recogniser=desk.recogniser, store=desk.store)
    feed = LiveFeed(outlets=(metrics.happening, tell))
    outlets = Outlets(tell=feed.tell, memory=memory, device_id=settings.device.id, keep=aftermath.told)
    with closing(open_outbox(settings)) as outbox:
        events = EventLog(
            outbox=outbox,
            scale=desk.recogniser.scale,
            on_access=outlets.access,
            on_event=outlets.event,
            on_door=outlets.door,
        )
        yield Telling(outbox, events, outlets, feed, aftermath, memory)


@dataclass(frozen=True, eq=False)
class Sight:
    """The threads-to-be of camera and vision, and what other threads may ask of the networks."""

    keeper: CameraKeeper
    standing: CameraStanding
    vision: VisionLoop
    jobs: VisionJobs
    networks: SharedNetworks
    enroller: Enroller
    enrolment: LiveEnrolment
    outcomes: Outcomes


def make_sight(settings: Settings, *, desk: Desk, door: DoorSide, telling: Telling, screen: ScreenSide) -> Sight:
    """With a tracker and a policy of its own; decisions go to the door's rules, and all that is seen to the screen.

    Raises BackendError and CameraError.
    """
    jobs, outcomes = VisionJobs(), Outcomes()
    standing = CameraStanding(tell=telling.events.tell_event)
    attention = Attention(idle_fps=settings.camera.idle_fps, hold_seconds=settings.camera.hold_seconds)
    keeper = make_keeper(settings, standing=standing, attention=attention)
    metering = FaceMetering(meter=keeper.meter)

    def show(glance: Glance) -> None:
        face = glance.faces[0].face if glance.faces else None
        if face is not None:
            attention.saw_face(glance.frame.captured)
        metering.saw(glance.frame, face)
        outcomes.note(glance)
        screen.view.show(glance)

    choose = secrets.SystemRandom().choice
    vision = VisionLoop(
        recogniser=desk.recogniser,
        tracker=Tracker(),
        policy=AccessPolicy(policy=settings.policy, liveness=settings.liveness, choose=choose),
        gallery=desk.gallery,
        fpir=settings.policy.fpir,
        on_decision=door.access.decide,
        on_prompt=telling.events.tell_prompt,
        note=telling.aftermath.note,
        show=show,
        jobs=jobs,
    )
    networks = SharedNetworks(jobs=jobs, model=desk.recogniser.model, scale=desk.recogniser.scale)
    enroller = make_enroller(settings, recogniser=networks, store=desk.store, gallery=desk.gallery)
    enrolment = LiveEnrolment(jobs=jobs, networks=networks, enroller=enroller)
    return Sight(keeper, standing, vision, jobs, networks, enroller, enrolment, outcomes)


def _health(sight: Sight, gallery: GalleryKeeper, refresh: Refreshing) -> HealthReport:
    def camera() -> CameraHealth:
        return sight.standing.health

    return HealthReport(vision=sight.vision, gallery=gallery, camera=camera, stuck=refresh.stuck)


def _commands(
    supervisor: Supervisor,
    sight: Sight,
    door: DoorSide,
    telling: Telling,
    *,
    health: Callable[[], Mapping[str, object]],
    check: Callable[[], None],
) -> TerminalCommands:
    return TerminalCommands(
        door=door.runner,
        enrolment=sight.enrolment,
        events=telling.events,
        health=health,
        check_configuration=check,
        reload=supervisor.restart,
        stop=supervisor.stop,
    )


@contextmanager
def _connected(
    settings: Settings, *, desk: Desk, telling: Telling, commands: TerminalCommands, health: HealthReport
) -> Iterator[None]:
    """The broker and the site, where they are configured."""
    if not settings.mqtt.enabled:
        yield
        return
    with mqtt_connection(settings, outbox=telling.outbox, handler=commands) as publisher:
        telling.outlets.attach(publisher)
        with sharing(settings, store=desk.store, outbox=telling.outbox, notify=publisher.notify) as sharer:
            if sharer is not None:
                health.sharing = lambda: asdict(sharer.state)
            yield


def _terminal(
    settings: Settings,
    *,
    desk: Desk,
    telling: Telling,
    sight: Sight,
    door: DoorSide,
    metrics: Metrics,
    screen: ScreenSide,
) -> Terminal:
    return Terminal(
        settings=settings,
        store=desk.store,
        gallery=desk.gallery,
        networks=sight.networks,
        enroller=sight.enroller,
        enrolment=sight.enrolment,
        jobs=sight.jobs,
        outbox=telling.outbox,
        feed=telling.feed,
        door=door.runner,
        access=door.access,
        metrics=metrics,
        camera=lambda: sight.standing.health,
        screen=screen.parts,
        live=LiveParts(
            view=screen.view,
            pictures=LivePictures(view=screen.view) if screen.parts is None else screen.parts.pictures,
            outcomes=sight.outcomes,
            stages=lambda: metrics.latest_stages,
        ),
    )


@dataclass(frozen=True, eq=False)
class Threads:
    """What runs in a thread of its own; each is essential."""

    door: DoorSide
    telling: Telling
    vision: VisionLoop
    keeper: CameraKeeper


def _serve(
    supervisor: Supervisor, threads: Threads, *, watch: Watch, each_second: Sequence[Callable[[], object]]
) -> None:
    """Run the threads until one ends or all are told to, doing `each_second` beside; the door locks first."""
    stop, told, slot = supervisor.stop, threading.Event(), NewestFrame()
    for name, serve in threads.door.threads:
        supervisor.start(name, partial(serve, stop))
    supervisor.start("events", lambda: threads.telling.events.run(told))
    supervisor.start("aftermath", lambda: threads.telling.aftermath.run(told))
    supervisor.start("vision", lambda: threads.vision.run(slot, stop))
    supervisor.start("camera", lambda: threads.keeper.run(slot, stop), may_finish=True)
    while not stop.wait(TICK_SECONDS):
        for do in each_second:
            do()
        watch.tick()
    watch.end(anew=supervisor.restart.is_set())
    threads.door.runner.wake()
    slot.close()
    threads.keeper.close()
    told.set()
    for name in supervisor.join(STOP_SECONDS):
        log.error("%s did not stop in %.1f s", name, STOP_SECONDS)
