"""The daemon's log: where it goes, how much of it is written, and its last lines in memory."""

import logging
import sys
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TextIO

from daemon.errors import LogLevelError
from daemon.journal import JournalHandler, journal_reads
from daemon.log_line import fields_of, forget, text_of

LevelName = Literal["debug", "info", "warning", "error"]
LEVELS: Mapping[LevelName, int] = MappingProxyType(
    {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
)
KEPT = 1000
ROOMS = ("daemon", "hw", "models")


@dataclass(frozen=True)
class LogLine:
    """A line as it was logged at Unix time `at`; `level` is `debug` … `critical`, `text` ends with the fields."""

    at: float
    level: str
    logger: str
    text: str
    fields: Mapping[str, object] = field(default_factory=dict)


class LogKeeper(logging.Handler):
    """Remembers the newest lines, for whoever asks over the network. Any thread may call any method."""

    def __init__(self, *, limit: int = KEPT) -> None:
        super().__init__()
        self._lines: deque[tuple[int, LogLine]] = deque(maxlen=limit)

    def emit(self, record: logging.LogRecord) -> None:
        line = LogLine(record.created, record.levelname.lower(), record.name, text_of(record), fields_of(record))
        self._lines.append((record.levelno, line))

    def lines(self, limit: int, *, level: LevelName = "debug") -> tuple[LogLine, ...]:
        """At most `limit` (>= 1) of the newest lines of at least that level, oldest first."""
        while True:
            try:
                kept = tuple(self._lines)
                break
            except RuntimeError:  # another thread has just logged
                continue
        return tuple(line for number, line in kept if number >= LEVELS[level])[-limit:]


class LineFormatter(logging.Formatter):
    """Time, level, logger, message and fields in one line; a traceback below it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        record.message = text_of(record)
        return super().formatMessage(record)


def start_logging(
    level: LevelName,
    *,
    keeper: LogKeeper,
    environ: Mapping[str, str],
    person_ids: bool = True,
    stream: TextIO | None = None,
) -> None:
    """Log to the journal where standard error is read by it, else to standard error; and to `keeper`.

    Unless `person_ids`, lines lose the field `person`.

    Called again, it sets the level anew and forgets what `set_level` has set since. An output of before is closed.
    """
    stream = stream or sys.stderr
    output: logging.Handler = logging.StreamHandler(stream)
    if journal_reads(stream, environ):
        output = JournalHandler()
    output.setFormatter(LineFormatter())
    root = logging.getLogger()
    for handler in [*root.handlers]:
        root.removeHandler(handler)
        if handler is not keeper:
            handler.close()
    for handler in (output, keeper):
        for old in [*handler.filters]:
            handler.removeFilter(old)
        if not person_ids:
            handler.addFilter(_nameless)
        root.addHandler(handler)
    reset_levels(level)


def _nameless(record: logging.LogRecord) -> bool:
    forget(record, "person")
    return True


def set_level(level: str, *, logger: str = "") -> None:
    """Write lines of at least that severity, of one logger of ours and those below it (`daemon.mqtt`), or of all.

    Raises LogLevelError for a level or logger that there is not.
    """
    # Checked first: to ask for a logger makes it.
    number = check_level(level, logger=logger)
    logging.getLogger(logger).setLevel(number)


def check_level(level: str, *, logger: str = "") -> int:
    """The number of a level. Raises LogLevelError as `set_level` does."""
    number = next((number for name, number in LEVELS.items() if name == level), None)
    if number is None:
        raise LogLevelError(f"{level}: no such level; expected {', '.join(LEVELS)}")
    if logger not in {"", *_own()}:
        raise LogLevelError(f"{logger}: no such logger; expected one of {', '.join(_short(_own()))}, or one below them")
    return number


def reset_levels(level: LevelName) -> None:
    """One level for everything, as at the start."""
    for name in _own():
        logging.getLogger(name).setLevel(logging.NOTSET)
    logging.getLogger().setLevel(LEVELS[level])


def _own() -> tuple[str, ...]:
    """Not those of libraries: at `debug` they may write what we never would."""
    return tuple(name for name in [*logging.getLogger().manager.loggerDict] if name.split(".")[0] in ROOMS)


def _short(names: Iterable[str]) -> list[str]:
    return sorted({".".join(name.split(".")[:2]) for name in names})
