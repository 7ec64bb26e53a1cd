"""The fields of a log line, and what a person reads of them."""

import logging

from daemon.log_line import fields, fields_of, text_of


def record(message: str, **extra: object) -> logging.LogRecord:
    return logging.getLogger("daemon.test").makeRecord(
        "daemon.test", logging.INFO, __file__, 1, message, (), None, extra=extra
    )


def test_the_text_ends_with_the_fields_that_the_message_does_not_tell() -> None:
    line = record("denied (spoof)", **fields(track=7, person=None, said={"reason": "spoof", "event_id": None}))
    assert text_of(line) == "denied (spoof) track=7"
    assert fields_of(line) == {"reason": "spoof", "track": 7}


def test_a_line_of_a_library_has_no_fields() -> None:
    assert fields_of(record("hello")) == {}
    assert text_of(record("hello")) == "hello"


def test_nothing_that_somebody_wrote_ends_a_line_or_moves_a_cursor() -> None:
    line = record("refused: x\n2026-11-23 door forced\x1b[2J\u2028\x9b", **fields(name="a\rb\tü"))
    assert text_of(line) == r"refused: x\n2026-11-23 door forced\x1b[2J\u2028\x9b name=a\rb\tü"
