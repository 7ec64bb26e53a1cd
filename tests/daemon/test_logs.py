"""Where the log goes, how much of it, and its last lines."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from daemon.errors import LogLevelError
from daemon.log_line import fields
from daemon.logs import LogKeeper, reset_levels, set_level, start_logging

log = logging.getLogger("daemon.test_logs")
below = logging.getLogger("daemon.test_logs.below")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = [*root.handlers], root.level
    for handler in handlers:
        root.removeHandler(handler)
    yield
    reset_levels("info")
    for handler in [*root.handlers]:
        root.removeHandler(handler)
        handler.close()
    for handler in handlers:
        root.addHandler(handler)
    root.setLevel(level)


@pytest.fixture
def stream(tmp_path: Path) -> Iterator[TextIO]:
    with (tmp_path / "stderr").open("w+") as stream:
        yield stream


def written(stream: TextIO) -> list[str]:
    """The lines without their time."""
    stream.seek(0)
    return [line.rstrip("\n").split(" ", 2)[2] for line in stream]


def test_lines_go_to_standard_error_and_into_memory(stream: TextIO) -> None:
    keeper = LogKeeper()
    start_logging("info", keeper=keeper, environ={}, stream=stream)
    log.info("denied (spoof)", extra=fields(track=7, said={"reason": "spoof"}))
    log.debug("unseen")
    assert written(stream) == ["INFO daemon.test_logs: denied (spoof) track=7"]
    (line,) = keeper.lines(10)
    assert (line.level, line.logger, line.text) == ("info", "daemon.test_logs", "denied (spoof) track=7")
    assert line.fields == {"reason": "spoof", "track": 7}


def test_nobody_is_named_where_that_is_wished(stream: TextIO) -> None:
    keeper = LogKeeper()
    for wished in (False, True):
        start_logging("info", keeper=keeper, environ={}, person_ids=wished, stream=stream)
        log.info("granted", extra=fields(person="ann", track=7))
    assert [line.split(": ")[1] for line in written(stream)] == ["granted track=7", "granted person=ann track=7"]
    assert [line.fields for line in keeper.lines(2)] == [{"track": 7}, {"person": "ann", "track": 7}]


def test_a_second_start_writes_each_line_once(stream: TextIO) -> None:
    keeper = LogKeeper()
    for _ in range(2):
        start_logging("info", keeper=keeper, environ={}, stream=stream)
    log.info("once")
    assert len(written(stream)) == len(keeper.lines(10)) == 1


def test_memory_keeps_the_newest_lines_and_filters_by_severity() -> None:
    keeper = LogKeeper(limit=4)
    for number in range(6):
        level = logging.ERROR if number % 2 else logging.INFO
        keeper.emit(log.makeRecord("daemon.test_logs", level, __file__, 1, "%d", (number,), None))
    assert [line.text for line in keeper.lines(10)] == ["2", "3", "4", "5"]
    assert [line.text for line in keeper.lines(10, level="warning")] == ["3", "5"]
    assert [line.text for line in keeper.lines(1)] == ["5"]


def test_a_level_holds_for_a_logger_and_those_below_it(stream: TextIO) -> None:
    start_logging("warning", keeper=LogKeeper(), environ={}, stream=stream)
    set_level("debug", logger="daemon.test_logs")
    below.debug("seen")
    logging.getLogger("hw.webcam").info("unseen")
    set_level("error")
    below.debug("still seen")
    reset_levels("error")
    below.debug("unseen")
    assert [line.split(": ")[1] for line in written(stream)] == ["seen", "still seen"]


@pytest.mark.parametrize(
    ("level", "logger", "named"),
    [("loud", "", "loud"), ("info", "daemon.nothing", "daemon.nothing"), ("info", "uvicorn", "uvicorn")],
)
def test_a_level_or_logger_that_there_is_not_is_refused(level: str, logger: str, named: str) -> None:
    with pytest.raises(LogLevelError, match=f"{named}: no such .* expected"):
        set_level(level, logger=logger)
