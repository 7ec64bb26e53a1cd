"""Times as the REST API and the messages write them: `2020-09-03T16:05:08.938Z`."""

from datetime import datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def to_iso(unix: float) -> str:
    """Unix seconds in UTC with milliseconds (rounded down)."""
    moment = _EPOCH + timedelta(seconds=unix)
    # Not by strftime: glibc writes years before 1000 without their zeros.
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def from_iso(text: str) -> float:
    """Unix seconds of an RFC 3339 time. Raises ValueError for anything else, also for a time without a zone."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError(f"{text!r}: a time zone is missing; end it with Z for UTC")
    return (moment - _EPOCH).total_seconds()
