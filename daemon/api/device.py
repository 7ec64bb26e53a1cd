"""The terminal itself: /device/…"""

from collections.abc import Callable
from contextlib import ExitStack
from importlib.metadata import version
from typing import Protocol

from daemon.api.bodies import PersonBody, person_body
from daemon.api.device_bodies import (
    Accepted,
    CameraBody,
    CameraEnrolmentRequest,
    DoorBody,
    DoorCommand,
    PinBody,
    PinEntry,
    PinResult,
    ShownConfiguration,
    Status,
)
from daemon.api.operations import Call, NoBody, Stream, Text
from daemon.api.stream import events_of
from daemon.config.settings import Settings
from daemon.config.shown import shown
from daemon.enrolment.while_watching import LiveEnrolment
from daemon.errors import Busy
from daemon.events.live_feed import LiveFeed
from daemon.events.outbox import Outbox
from daemon.gallery.keeper import GalleryKeeper
from daemon.heat import read_heat
from daemon.timestamps import to_iso
from daemon.vision.camera_state import CameraHealth
from daemon.vision.jobs import VisionJobs
from daemon.vision.recogniser import Networks
from daemon.vitals import Vitals


class DoorCommands(Protocol):
    """What may be asked of the door; each returns at once or raises DoorError."""

    def unlock(self, seconds: int | None) -> None: ...

    def lock(self) -> None: ...

    def lockdown(self, *, on: bool) -> None: ...


class SecondFactor(Protocol):
    """Where a PIN is entered."""

    @property
    def waiting_for(self) -> str | None:
        """Whose PIN is wanted."""

    def pin(self, pin: str) -> bool:
        """Whether it opened the door."""


class DeviceCalls:
    """Handlers of the calls on the terminal itself."""

    def __init__(
        self,
        *,
        settings: Settings,
        gallery: GalleryKeeper,
        networks: Networks,
        jobs: VisionJobs,
        outbox: Outbox,
        vitals: Vitals,
        camera: Callable[[], CameraHealth],
        feed: LiveFeed,
        door: DoorCommands,
        access: SecondFactor,
        enrolment: LiveEnrolment,
        public_key: str,
    ) -> None:
        self._settings, self._gallery, self._networks, self._jobs = settings, gallery, networks, jobs
        self._outbox, self._vitals, self._feed, self._door = outbox, vitals, feed, door
        self._camera = camera
        self._access = access
        self._enrolment, self._public_key = enrolment, public_key

    def status(self, _call: Call, _body: NoBody) -> Status:
        heat, camera = read_heat(), self._camera()
        return Status(
            device=self._settings.device.id,
            version=version("auther-embedded"),
            started=to_iso(self._vitals.started),
            people=self._gallery.current.size,
            damaged_templates=len(self._gallery.damaged),
            model=self._networks.model,
            camera=CameraBody(state=camera.state, since=to_iso(camera.since), advice=camera.advice),
            camera_fps=round(self._vitals.fps, 1),
            waiting_pictures=self._jobs.depth,
            unsent_events=self._outbox.unconfirmed,
            lost_events=self._outbox.lost,
            temperature_celsius=heat.celsius,
            throttled=heat.reasons,
            door=self._door_body().door,
        )

    def door(self, _call: Call, _body: NoBody) -> DoorBody:
        return self._door_body()

    def command_door(self, _call: Call, body: DoorCommand) -> Accepted:
        """Raises DoorError when the door can't do this now."""
        if body.action == "unlock":
            self._door.unlock(body.seconds)
        elif body.action == "lock":
            self._door.lock()
        else:
            self._door.lockdown(on=body.action == "lockdown")
        return Accepted(accepted=body.action)

    def wanted_pin(self, _call: Call, _body: NoBody) -> PinBody:
        return PinBody(waiting_for=self._access.waiting_for)

    def enter_pin(self, _call: Call, body: PinEntry) -> PinResult:
        return PinResult(opened=self._access.pin(body.pin.get_secret_value()))

    def stream(self, _call: Call, _body: NoBody) -> Stream:
        """Raises Busy when too many listen."""
        place = ExitStack()
        happenings = place.enter_context(self._feed.listening())
        if happenings is None:
            raise Busy("too many clients listen already; close one")
        return Stream(events_of(happenings), close=place.close)

    def enrol(self, _call: Call, body: CameraEnrolmentRequest) -> PersonBody:
        """Raises Busy, AlreadyEnrolled, and EnrolmentError with the criterion that failed last."""
        enrolment = self._enrolment.enrol(body.person_id, seconds=body.seconds, replace=body.replace)
        return person_body(enrolment.person)

    def configuration(self, _call: Call, _body: NoBody) -> ShownConfiguration:
        return ShownConfiguration.model_validate({"configuration": shown(self._settings)})

    def public_key(self, _call: Call, _body: NoBody) -> Text:
        return Text(self._public_key, "application/x-pem-file")

    def _door_body(self) -> DoorBody:
        state = self._feed.door
        return DoorBody.model_validate({"door": None if state is None else dict(state)})
