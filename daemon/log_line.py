"""What a log line is made of: a message, and fields that programs can filter by."""

import logging
import re
from collections.abc import Mapping
from types import MappingProxyType

NOTHING: Mapping[str, object] = MappingProxyType({})
_ALL, _SHOWN = "auther_fields", "auther_shown"
# What ends a line, and what a terminal obeys.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def fields(*, said: Mapping[str, object] = NOTHING, **values: object) -> Mapping[str, object]:
    """For `log.info(…, extra=fields(reason=…))`. Values without content (None) are left out.

    The text of the line ends with them, but for those in `said`, which the message tells already. Never what is
    measured on a face: no picture, template or landmark belongs into a log.
    """
    return {_ALL: _present({**said, **values}), _SHOWN: _present(values)}


def fields_of(record: logging.LogRecord) -> Mapping[str, object]:
    """The fields that a line was logged with; none for lines of libraries."""
    found: Mapping[str, object] = getattr(record, _ALL, NOTHING)
    return found


def forget(record: logging.LogRecord, name: str) -> None:
    """Take a field out of a line and its text."""
    for kind in (_ALL, _SHOWN):
        found: Mapping[str, object] = getattr(record, kind, NOTHING)
        setattr(record, kind, {key: value for key, value in found.items() if key != name})


def text_of(record: logging.LogRecord) -> str:
    """The message with its fields behind it, as a person reads it: one line, whatever somebody wrote into it."""
    shown: Mapping[str, object] = getattr(record, _SHOWN, NOTHING)
    text = " ".join((record.getMessage(), *(f"{name}={value}" for name, value in shown.items())))
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


def _present(values: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}
