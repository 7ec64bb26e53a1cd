"""What one look of the doctor came to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum


class Level(str, Enum):
    """`problem`: the terminal can't do its work; `warning`: it can, and somebody should know."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what was seen, and what to do unless it is fine."""

    check: str
    level: Level
    text: str
    advice: str | None = None


Look = Callable[[], Iterable[Finding]]


def fine(check: str, text: str) -> Finding:
    return Finding(check, Level.OK, text)


def warning(check: str, text: str, advice: str) -> Finding:
    return Finding(check, Level.WARNING, text, advice)


def problem(check: str, text: str, advice: str | None = None) -> Finding:
    """`advice` may be left out where the text says already what to do, as the messages of our errors do."""
    return Finding(check, Level.PROBLEM, text, advice)
