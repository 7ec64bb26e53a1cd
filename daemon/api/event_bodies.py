"""What the calls on past events give."""

from typing import Annotated

from pydantic import Field, JsonValue

from daemon.api.bodies import Body

EVENT_EXAMPLE = {
    "seq": 17, "topic": "access", "decision": "granted", "reason": "granted", "person_id": "anna.b@example.com",
    "picture": False,
}  # fmt: skip


class EventPage(Body):
    """Decisions and events, newest first; `next` is `before` of the next page, null at the end."""

    events: Annotated[
        list[dict[str, JsonValue]],
        Field(
            description="As they were told, with `topic` (access, alarm, event) and whether a `picture` was kept.",
            examples=[[EVENT_EXAMPLE]],
        ),
    ]
    next: int | None


class HourBody(Body):
    """Decisions in an hour of the wall clock."""

    hour: int
    granted: int
    denied: int


class ReasonBody(Body):
    """How often a decision had this reason."""

    reason: str
    count: int


class DistributionBody(Body):
    """Decisions by the value that they rest on; `bins` are the lower edges."""

    bins: list[float]
    granted: list[int]
    denied: list[int]
    threshold: Annotated[float, Field(description="What is demanded at the door now.")]


class LatencyHour(Body):
    """From the frame to the strike, in one hour."""

    hour: int
    p50: int | None
    p99: int | None


class Latency(Body):
    """From the frame to the strike, milliseconds."""

    p50: int | None
    p99: int | None
    hours: list[LatencyHour]


class TemperatureBody(Body):
    """The processor's temperature."""

    at: str
    celsius: float


class DayBody(Body):
    """The charts of a day, by the wall clock of `timezone`."""

    date: Annotated[str, Field(examples=["2026-09-04"])]
    timezone: str
    hours: list[HourBody]
    reasons: list[ReasonBody]
    similarity: DistributionBody
    liveness: DistributionBody
    latency_ms: Latency
    temperature: Annotated[list[TemperatureBody], Field(description="Since the daemon started, each five minutes.")]
