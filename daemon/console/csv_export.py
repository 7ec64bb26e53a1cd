"""Events as CSV (RFC 4180) that a spreadsheet opens without running anything in it."""

import csv
import io
from collections.abc import Iterable

from daemon.console.history import PastEvent

COLUMNS = (
    "seq", "captured", "topic", "decision", "reason", "person_id", "similarity", "liveness", "relay_ms", "alarm",
    "event", "detail", "severity", "device", "event_id",
)  # fmt: skip
# What spreadsheets take for a formula (OWASP, CSV injection); the apostrophe makes it a text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def head() -> str:
    """The first line, after the mark by which spreadsheets know UTF-8."""
    return "\ufeff" + _lines([COLUMNS])


def lines(events: Iterable[PastEvent]) -> str:
    """One line an event."""
    return _lines(_row(event) for event in events)


def _row(event: PastEvent) -> list[object]:
    values = {**event.payload, "seq": event.seq, "topic": event.topic}
    return [_cell(values.get(name)) for name in COLUMNS]


def _cell(value: object) -> object:
    if value is None or isinstance(value, (int, float)):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
