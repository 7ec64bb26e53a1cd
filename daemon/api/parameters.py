"""The parameters of queries, read and checked; each is told apart by name when it is wrong."""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.api.failures import ApiError
from daemon.api.operations import Call, Parameter
from daemon.timestamps import from_iso

PAGE = 50
LONGEST_PAGE = 500
GREATEST = 2**53
LONGEST_TEXT = 128
ANY_TEXT: Mapping[str, object] = MappingProxyType({"type": "string", "maxLength": LONGEST_TEXT})


def limit_parameter(most: int = LONGEST_PAGE) -> Parameter:
    return Parameter(
        "limit", "query", "How many at most.", {"type": "integer", "minimum": 1, "maximum": most, "default": PAGE}, 20
    )


def before_parameter() -> Parameter:
    return Parameter(
        "before", "query", "Only with a smaller `seq`.", {"type": "integer", "minimum": 1, "maximum": GREATEST}, 1000
    )


def number(call: Call, name: str, *, usual: int, most: int) -> int:
    """A whole number from 1 to `most`. Raises ApiError R_011."""
    text = call.query.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) < 17 and 1 <= int(text) <= most):
        raise ApiError("R_011", f"{name}: expected a whole number from 1 to {most}")
    return int(text)


def moment(call: Call, name: str) -> float | None:
    """Unix seconds. Raises ApiError R_011."""
    text = call.query.get(name)
    if text is None:
        return None
    try:
        return from_iso(text)
    except (ValueError, OverflowError):
        raise ApiError("R_011", f"{name}: expected a time such as 2026-09-04T16:05:08Z") from None


def word(call: Call, name: str, *, known: frozenset[str]) -> str | None:
    """One of the words that there are. Raises ApiError R_011."""
    text = call.query.get(name)
    if text is not None and text not in known:
        raise ApiError("R_011", f"{name}: expected one of {', '.join(sorted(known))}")
    return text


def words(call: Call, name: str) -> str | None:
    """Any text that is not too long. Raises ApiError R_011."""
    text = call.query.get(name)
    if text is not None and len(text) > LONGEST_TEXT:
        raise ApiError("R_011", f"{name}: expected at most {LONGEST_TEXT} characters")
    return text
