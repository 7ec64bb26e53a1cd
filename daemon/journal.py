"""Log lines for systemd's journal, with their fields (systemd.io/JOURNAL_NATIVE_PROTOCOL)."""

import logging
import os
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

from logging_journald import JournaldTransport

from daemon.log_line import fields_of, text_of

SOCKET = Path("/run/systemd/journal/socket")
IDENTIFIER = "auther"
PREFIX = "AUTHER_"
SEND_SECONDS = 0.1
PAUSE_SECONDS = 10.0


class JournalHandler(logging.Handler):
    """Sends each line with PRIORITY, LOGGER, THREAD_NAME, CODE_* and a line's own fields as `AUTHER_<NAME>`.

    What the journal does not take within a tenth of a second is let go, and so is what follows within ten seconds: a
    door never waits for a log.
    """

    def __init__(self, *, socket_path: Path = SOCKET, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._monotonic, self._again = monotonic, 0.0
        # Not connected: the journal makes a new socket when it starts anew.
        self._transport = JournaldTransport(socket_path=socket_path, connected=False)
        self._transport.socket.settimeout(SEND_SECONDS)

    def emit(self, record: logging.LogRecord) -> None:
        if self._monotonic() < self._again:
            return
        try:
            self._transport.send(_entry(record))
        except OSError:
            self._again = self._monotonic() + PAUSE_SECONDS

    def close(self) -> None:
        self._transport.socket.close()
        super().close()


def journal_reads(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether what is written to `stream` goes to the journal (systemd.exec(5), $JOURNAL_STREAM)."""
    try:
        stat = os.fstat(stream.fileno())
    except (OSError, ValueError):  # closed, or no file at all
        return False
    return environ.get("JOURNAL_STREAM") == f"{stat.st_dev}:{stat.st_ino}"


def _entry(record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    yield "MESSAGE", text_of(record)
    yield "PRIORITY", priority(record.levelno)
    yield "SYSLOG_IDENTIFIER", IDENTIFIER
    yield "LOGGER", record.name
    yield "THREAD_NAME", record.threadName
    yield "CODE_FILE", record.pathname
    yield "CODE_LINE", record.lineno
    yield "CODE_FUNC", record.funcName
    for name, value in fields_of(record).items():
        yield PREFIX + name.upper(), str(value)
    if record.exc_info:
        yield "TRACEBACK", "".join(traceback.format_exception(*record.exc_info))


def priority(level: int) -> int:
    """syslog(3)'s number of a level: debug 7, info 6, warning 4, error 3, critical 2."""
    steps = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
    return next((number for least, number in steps if level >= least), 7)
