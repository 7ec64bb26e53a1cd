"""Log lines on a real datagram socket, read as the journal reads them."""

import io
import logging
import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from daemon.journal import JournalHandler, journal_reads, priority
from daemon.log_line import fields


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "journal"))
        listening.settimeout(10.0)
        yield listening


@pytest.fixture
def log(tmp_path: Path, journal: socket.socket) -> Iterator[logging.Logger]:
    handler = JournalHandler(socket_path=tmp_path / "journal")
    logger = logging.Logger("daemon.test")
    logger.addHandler(handler)
    yield logger
    handler.close()


def entry(journal: socket.socket) -> dict[str, str]:
    """One entry, as systemd.io/JOURNAL_NATIVE_PROTOCOL describes it."""
    data, found = journal.recv(65_536), {}
    while data:
        head, _, data = data.partition(b"\n")
        if b"=" in head:
            name, _, value = head.partition(b"=")
        else:
            (length,) = struct.unpack_from("<Q", data)
            name, value, data = head, data[8 : 8 + length], data[9 + length :]
        found[name.decode()] = value.decode()
    return found


def test_a_line_has_its_severity_origin_and_fields(journal: socket.socket, log: logging.Logger) -> None:
    log.warning("denied (%s)", "spoof", extra=fields(track=7, said={"reason": "spoof"}))
    read = entry(journal)
    assert read["MESSAGE"] == "denied (spoof) track=7"
    assert (read["PRIORITY"], read["SYSLOG_IDENTIFIER"], read["LOGGER"]) == ("4", "auther", "daemon.test")
    assert (read["AUTHER_REASON"], read["AUTHER_TRACK"]) == ("spoof", "7")
    assert (read["CODE_FILE"], read["CODE_FUNC"]) == (__file__, sys._getframe().f_code.co_name)


def test_nothing_in_a_message_can_forge_a_field(journal: socket.socket, log: logging.Logger) -> None:
    log.info("eve\nPRIORITY=0", extra=fields(person="eve\nAUTHER_REASON=granted"))
    read = entry(journal)
    assert read["MESSAGE"] == r"eve\nPRIORITY=0 person=eve\nAUTHER_REASON=granted"
    assert read["AUTHER_PERSON"] == "eve\nAUTHER_REASON=granted"
    assert read["PRIORITY"] == "6"
    assert "AUTHER_REASON" not in read


def test_an_error_brings_its_traceback(journal: socket.socket, log: logging.Logger) -> None:
    try:
        raise ValueError("lens")
    except ValueError:
        log.exception("failed")
    assert entry(journal)["TRACEBACK"].rstrip().endswith("ValueError: lens")


def test_a_long_line_arrives_in_a_memory_file(journal: socket.socket, log: logging.Logger) -> None:
    log.info("x" * 1_000_000)
    _, descriptors, _, _ = socket.recv_fds(journal, 1, 1)
    with os.fdopen(descriptors[0], "rb") as file:
        assert file.seek(0, os.SEEK_END) > 1_000_000


def test_a_journal_that_is_stuck_costs_lines_and_is_tried_again_later(tmp_path: Path, journal: socket.socket) -> None:
    now = 100.0
    handler = JournalHandler(socket_path=tmp_path / "journal", monotonic=lambda: now)
    logger = logging.Logger("daemon.test")
    logger.addHandler(handler)
    # More than a socket holds of what nobody reads: without the pause each line would cost a tenth of a second.
    for number in range(5000):
        logger.info("line %d", number)
    taken = []
    journal.settimeout(0.0)
    with suppress(BlockingIOError):
        while True:
            taken.append(entry(journal)["MESSAGE"])
    assert taken == [f"line {number}" for number in range(len(taken))]
    assert 0 < len(taken) < 5000
    logger.info("unheard")
    now += 10.0
    logger.info("heard again")
    assert entry(journal)["MESSAGE"] == "heard again"
    handler.close()


def test_a_journal_that_is_gone_ends_nothing(tmp_path: Path, log: logging.Logger) -> None:
    (tmp_path / "journal").unlink()
    log.info("to nobody")


@pytest.mark.parametrize(
    ("level", "number"),
    [(logging.DEBUG, 7), (logging.INFO, 6), (25, 6), (logging.WARNING, 4), (logging.ERROR, 3), (logging.CRITICAL, 2)],
)
def test_severities_are_those_of_syslog(level: int, number: int) -> None:
    assert priority(level) == number


def test_the_journal_is_known_by_the_file_that_standard_error_is(tmp_path: Path) -> None:
    with (tmp_path / "stream").open("w") as stream:
        stat = os.fstat(stream.fileno())
        there = {"JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino}"}
        assert journal_reads(stream, there)
        assert not journal_reads(stream, {"JOURNAL_STREAM": f"{stat.st_dev}:{stat.st_ino + 1}"})
        assert not journal_reads(stream, {})
    assert not journal_reads(stream, there), "closed"
    assert not journal_reads(io.StringIO(), there)
