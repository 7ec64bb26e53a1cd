"""The list of the calls on the terminal itself."""

from typing import Any

from daemon.api.bodies import PersonBody
from daemon.api.device import DeviceCalls
from daemon.api.device_bodies import (
    Accepted,
    CameraEnrolmentRequest,
    DoorBody,
    DoorCommand,
    PinBody,
    PinEntry,
    PinResult,
    ShownConfiguration,
    Status,
)
from daemon.api.live import LiveCalls
from daemon.api.operations import NoBody, Operation
from daemon.api.people import CRITERIA
from daemon.keys import Permission

TAG = "Device"
BODY_CODES = ("R_001", "R_002", "R_008")


def device_operations(calls: DeviceCalls) -> tuple[Operation[Any], ...]:
    """Status, door, PIN, events, enrolment at the camera, configuration, public key."""
    return (*_reading(calls), *_door(calls), *_pin(calls), *_events(calls), _enrolment(calls))


def _reading(calls: DeviceCalls) -> tuple[Operation[Any], ...]:
    return (
        Operation(
            id="getStatus",
            method="GET",
            path="/device/status",
            tag=TAG,
            summary="How is the terminal",
            description="Version, people, camera, queues, temperature, door.",
            handler=calls.status,
            body=NoBody,
            answer=Status,
            permission=Permission.VIEW,
        ),
        Operation(
            id="getConfiguration",
            method="GET",
            path="/device/config",
            tag=TAG,
            summary="What is configured",
            description="The configuration that holds, secrets hidden.",
            handler=calls.configuration,
            body=NoBody,
            answer=ShownConfiguration,
            permission=Permission.VIEW,
            audit="read configuration",
        ),
        Operation(
            id="getPublicKey",
            method="GET",
            path="/device/public-key",
            tag=TAG,
            summary="The key that signs responses",
            description="The public half (PEM) of the RSA key that responses to signed requests are signed with. "
            "Any key may read it.",
            handler=calls.public_key,
            body=NoBody,
            answer="application/x-pem-file",
        ),
    )


def _door(calls: DeviceCalls) -> tuple[Operation[Any], ...]:
    return (
        Operation(
            id="getDoor",
            method="GET",
            path="/device/door",
            tag=TAG,
            summary="How does the door stand",
            description="Lock, lockdown and contact.",
            handler=calls.door,
            body=NoBody,
            answer=DoorBody,
            permission=Permission.VIEW,
        ),
        Operation(
            id="commandDoor",
            method="POST",
            path="/device/door",
            tag=TAG,
            summary="Unlock, lock, lock down",
            description="The door's own rules hold: in a lockdown nothing unlocks, and no unlock is longer than "
            "`door.max_unlock_seconds`.",
            handler=calls.command_door,
            body=DoorCommand,
            answer=Accepted,
            permission=Permission.DOOR,
            codes=(*BODY_CODES, "D_001"),
            example={"action": "unlock", "seconds": 5},
            audit="door",
            subject=lambda body: body.action,
            durable=True,
        ),
    )


def _pin(calls: DeviceCalls) -> tuple[Operation[Any], ...]:
    return (
        Operation(
            id="getWantedPin",
            method="GET",
            path="/device/pin",
            tag=TAG,
            summary="Whose PIN is wanted",
            description="Who was recognised and has to enter a PIN (`rules.second_factor`); nobody "
            "where only cards are taken.",
            handler=calls.wanted_pin,
            body=NoBody,
            answer=PinBody,
            permission=Permission.VIEW,
        ),
        Operation(
            id="enterPin",
            method="POST",
            path="/device/pin",
            tag=TAG,
            summary="Enter a PIN",
            description="Opens the door if it is the PIN of who is waited for and no other rule refuses them. A wrong "
            "one is a denial with the reason `wrong_factor`; three of them, or a lockout, end the waiting.",
            handler=calls.enter_pin,
            body=PinEntry,
            answer=PinResult,
            permission=Permission.DOOR,
            codes=BODY_CODES,
            example={"pin": "4711"},
            audit="enter PIN",
            durable=True,
        ),
    )


def _events(calls: DeviceCalls) -> tuple[Operation[Any], ...]:
    return (
        Operation(
            id="streamEvents",
            method="GET",
            path="/device/events/stream",
            tag=TAG,
            summary="What happens now",
            description="Server-sent events: `access`, `alarm`, `happening` and `door`, each with one JSON object.",
            handler=calls.stream,
            body=NoBody,
            answer="text/event-stream",
            permission=Permission.VIEW,
            codes=("L_001",),
            audit="listen to events",
        ),
    )


def live_operation(calls: LiveCalls) -> Operation[Any]:
    """What the camera sees."""
    return Operation(
        id="watchLive",
        method="GET",
        path="/device/live",
        tag=TAG,
        summary="What the camera sees now",
        description="Server-sent events `frame`, at most ten a second: a JPEG in Base64, each face with its box in "
        "that picture, and what the stages made of it. `enrolment` tells how far one at the camera is.",
        handler=calls.watch,
        body=NoBody,
        answer="text/event-stream",
        permission=Permission.WATCH,
        codes=("L_001",),
        audit="watch live",
    )


def _enrolment(calls: DeviceCalls) -> Operation[Any]:
    return Operation(
        id="enrolAtCamera",
        method="POST",
        path="/device/enrol",
        tag=TAG,
        summary="Enrol who stands at the camera",
        description="Waits for three clear pictures of one person and enrols them; answers when it is done.",
        handler=calls.enrol,
        body=CameraEnrolmentRequest,
        answer=PersonBody,
        permission=Permission.ENROL,
        codes=(*CRITERIA, *BODY_CODES, "R_007", "NF_001", "L_001", "L_002"),
        example={"personId": "anna.b@example.com", "seconds": 30},
        audit="enrol at camera",
        subject=lambda body: body.person_id,
        durable=True,
    )
