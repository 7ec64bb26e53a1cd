"""What happened: /device/events, its CSV and pictures, and the charts of a day."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, datetime
from typing import cast, get_args
from zoneinfo import ZoneInfo

from anyio.to_thread import run_sync

from daemon.api.event_bodies import EventPage
from daemon.api.failures import ApiError
from daemon.api.operations import Call, NoBody, Stream, Text
from daemon.api.parameters import GREATEST, LONGEST_PAGE, PAGE, moment, number, word
from daemon.console import csv_export
from daemon.console.history import EventFilter, History, Kind, PastEvent
from daemon.enrolment.event_pictures import EventPictures
from daemon.events.building_events import EventType
from daemon.storage.people import check_person_id
from daemon.timestamps import to_iso
from daemon.types import Reason

KINDS = frozenset(get_args(Kind))
REASONS = frozenset([reason.value for reason in Reason] + [event.value for event in EventType])


class EventCalls:
    """Handlers of the calls on past events."""

    def __init__(self, *, history: History, pictures: EventPictures, clock: Callable[[], float]) -> None:
        self._history, self._pictures, self._clock = history, pictures, clock

    def page(self, call: Call, _body: NoBody) -> EventPage:
        """Raises ApiError R_011, PersonIdError, StoreError, Busy."""
        limit = number(call, "limit", usual=PAGE, most=LONGEST_PAGE)
        found = self._history.page(
            wanted(call), limit=limit, before=number(call, "before", usual=GREATEST, most=GREATEST)
        )
        kept = self._pictures.kept()
        rows = [
            {**event.payload, "topic": event.topic, "picture": event.payload["event_id"] in kept} for event in found
        ]
        following = found[-1].seq if len(found) == limit and found[-1].seq > 1 else None
        return EventPage.model_validate({"events": rows, "next": following})

    def csv(self, call: Call, _body: NoBody) -> Stream:
        """Raises as `page` does, before the first line is sent."""
        filtered = wanted(call)
        first = self._history.page(filtered, limit=LONGEST_PAGE, before=GREATEST)
        name = f"events-{to_iso(self._clock())[:10]}.csv"
        return Stream(self._lines(filtered, first), "text/csv; charset=utf-8", attachment(name))

    def picture(self, call: Call, _body: NoBody) -> Text:
        """Raises ApiError NF_004, StoreError."""
        text = call.path["seq"]
        seq = int(text) if text.isascii() and text.isdecimal() and len(text) < 17 else 0
        event = self._history.find(seq)
        image = None if event is None else self._pictures.of(str(event.payload["event_id"]))
        if image is None:
            raise ApiError("NF_004", "no picture of this event is kept")
        return Text(image.jpeg, "image/jpeg")

    async def _lines(self, filtered: EventFilter, page: Sequence[PastEvent]) -> AsyncIterator[str]:
        yield csv_export.head()
        while page:
            yield csv_export.lines(page)
            last = page[-1].seq
            page = await run_sync(lambda: self._history.page(filtered, limit=LONGEST_PAGE, before=last))  # noqa: B023


def wanted(call: Call) -> EventFilter:
    """The filter of a query. Raises ApiError R_011, PersonIdError."""
    person = call.query.get("person")
    return EventFilter(
        since=moment(call, "from"),
        until=moment(call, "to"),
        person=None if person is None else check_person_id(person),
        reason=word(call, "reason", known=REASONS),
        kind=cast("Kind | None", word(call, "kind", known=KINDS)),
    )


def attachment(name: str) -> dict[str, str]:
    """What makes a browser save an answer; `name` is of our own making."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def day_of(call: Call, zone: ZoneInfo, now: float) -> date:
    """The day asked for, else today there. Raises ApiError R_011."""
    text = call.query.get("date")
    if text is None:
        return datetime.fromtimestamp(now, zone).date()
    try:
        if len(text) != 10 or not 1970 <= int(text[:4]) <= 9000:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ApiError("R_011", "date: expected a day such as 2026-09-04") from None
