"""The list of the calls on past events."""

from typing import Any

from daemon.api.day import DayCalls
from daemon.api.event_bodies import DayBody, EventPage
from daemon.api.events import KINDS, REASONS, EventCalls
from daemon.api.operations import NoBody, Operation, Parameter
from daemon.api.parameters import GREATEST, before_parameter, limit_parameter
from daemon.keys import Permission

TAG = "Device"
_TIME = {"type": "string", "format": "date-time"}
FILTER = (
    Parameter("from", "query", "Not before.", _TIME, "2026-09-04T00:00:00Z"),
    Parameter("to", "query", "Before.", _TIME, "2026-09-05T00:00:00Z"),
    Parameter(
        "person", "query", "Of this person.", {"type": "string", "pattern": "^[A-Za-z0-9._:@-]{1,128}$"}, "anna.b"
    ),
    Parameter("reason", "query", "A reason, or what happened.", {"type": "string", "enum": sorted(REASONS)}, "spoof"),
    Parameter("kind", "query", "Only these.", {"type": "string", "enum": sorted(KINDS)}, "denied"),
)
SEQ = Parameter("seq", "path", "The event's `seq`.", {"type": "integer", "minimum": 1, "maximum": GREATEST}, 17)
DATE = Parameter("date", "query", "The day; today without it.", {"type": "string", "format": "date"}, "2026-09-04")


def event_operations(calls: EventCalls, day: DayCalls) -> tuple[Operation[Any], ...]:
    """Pages, CSV, pictures, charts."""
    return (*_listing(calls), *_looking(calls, day))


def _listing(calls: EventCalls) -> tuple[Operation[Any], ...]:
    return (
        Operation(
            id="listEvents",
            method="GET",
            path="/device/events",
            tag=TAG,
            summary="What happened",
            description="Decisions and events, newest first, in pages.",
            handler=calls.page,
            body=NoBody,
            answer=EventPage,
            permission=Permission.VIEW,
            parameters=(limit_parameter(), before_parameter(), *FILTER),
            codes=("R_006", "R_011"),
            audit="read events",
        ),
        Operation(
            id="exportEvents",
            method="GET",
            path="/device/events.csv",
            tag=TAG,
            summary="What happened, for a spreadsheet",
            description="All events that the filter leaves, newest first. A cell that a spreadsheet would take for a "
            "formula begins with an apostrophe.",
            handler=calls.csv,
            body=NoBody,
            answer="text/csv",
            permission=Permission.VIEW,
            parameters=FILTER,
            codes=("R_006", "R_011"),
            audit="export events",
        ),
    )


def _looking(calls: EventCalls, day: DayCalls) -> tuple[Operation[Any], ...]:
    return (
        Operation(
            id="getEventPicture",
            method="GET",
            path="/device/events/{seq}/picture",
            tag=TAG,
            summary="The face that a decision was about",
            description="Only where keeping pictures is configured (`storage.keep_images`).",
            handler=calls.picture,
            body=NoBody,
            answer="image/jpeg",
            permission=Permission.WATCH,
            parameters=(SEQ,),
            codes=("NF_004",),
            audit="look at picture",
        ),
        Operation(
            id="getDay",
            method="GET",
            path="/device/day",
            tag=TAG,
            summary="A day in numbers",
            description="Grants and denials by hour, reasons, how similar and how live faces were, how fast the door "
            "was, and the temperature.",
            handler=day.day,
            body=NoBody,
            answer=DayBody,
            permission=Permission.VIEW,
            parameters=(DATE,),
            codes=("R_011",),
        ),
    )
