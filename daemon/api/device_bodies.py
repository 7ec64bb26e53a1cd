"""What the calls on the terminal itself take and give."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue, SecretStr, model_validator

from daemon.api.bodies import Asked, Body
from daemon.vision.camera_state import CameraState

DOOR_EXAMPLE = {"kind": "door", "lock": "locked", "lockdown": False, "contact": "closed"}


class DoorCommand(Asked):
    """What the door shall do."""

    action: Literal["unlock", "lock", "lockdown", "end_lockdown"]
    seconds: Annotated[
        int | None, Field(ge=1, le=3600, description="With `unlock`: for how long; else the configured pulse.")
    ] = None

    @model_validator(mode="after")
    def _check(self) -> "DoorCommand":
        if self.seconds is not None and self.action != "unlock":
            raise ValueError("seconds: only with the action unlock")
        return self


class Accepted(Body):
    """The command goes its way; the door's state and events tell what came of it."""

    accepted: Literal["unlock", "lock", "lockdown", "end_lockdown"]


class PinBody(Body):
    """Whose PIN or card is wanted now; null: nobody's."""

    waiting_for: Annotated[str | None, Field(examples=["anna.b@example.com"])]


class PinEntry(Body):
    """The PIN that follows a face."""

    pin: Annotated[SecretStr, Field(min_length=4, max_length=12, examples=["4711"])]


class PinResult(Body):
    """Whether the PIN opened the door."""

    opened: bool


class CameraEnrolmentRequest(Asked):
    """Whom the camera shall enrol."""

    person_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:@-]{1,128}$", examples=["anna.b@example.com"])]
    seconds: Annotated[int, Field(ge=5, le=60, description="How long to wait for clear pictures.")] = 30
    replace: Annotated[bool, Field(description="Replace a person who is enrolled.")] = False


class CameraBody(Body):
    """How the camera is since when, and what to do; `advice` is empty when all is well."""

    state: CameraState
    since: Annotated[str, Field(json_schema_extra={"format": "date-time"})]
    advice: Annotated[str, Field(examples=["check the cable and the kernel's log (dmesg)"])]


class Status(Body):
    """How the terminal is."""

    device: str
    version: str
    started: Annotated[str, Field(json_schema_extra={"format": "date-time"})]
    people: int
    damaged_templates: int
    model: str
    camera: CameraBody
    camera_fps: float
    waiting_pictures: int
    unsent_events: int
    lost_events: int
    temperature_celsius: float | None
    throttled: Annotated[tuple[str, ...], Field(description="Why the board is slowed down; empty when it is not.")]
    door: Annotated[dict[str, JsonValue] | None, Field(examples=[DOOR_EXAMPLE])]


class DoorBody(Body):
    """How the door stands; null before it was told first."""

    door: Annotated[dict[str, JsonValue] | None, Field(examples=[DOOR_EXAMPLE])]


class ShownConfiguration(Body):
    """The configuration that holds; secrets are `***`."""

    configuration: dict[str, JsonValue]


class Health(Body):
    """Whether the terminal does its work, and what keeps it from it."""

    status: Literal["up", "ready", "not ready"]
    reasons: tuple[str, ...] = ()
