"""What lines are: one wire that is active or not, driven or read. Polarity is the back end's: `active` is logical."""

from dataclasses import dataclass
from typing import Protocol


class OutputLine(Protocol):
    """A digital output; inactive from the moment it is opened."""

    def set(self, active: bool) -> None:
        """Drive the line. Raises LineError if it can't be driven or is closed."""
        ...

    def close(self) -> None:
        """Make the line inactive and give it back; a second call does nothing.

        Raises LineError if it could not be made inactive; it is given back nevertheless.
        """
        ...


@dataclass(frozen=True)
class Edge:
    """The line became `active` or inactive at monotonic time `at` (seconds)."""

    active: bool
    at: float


class InputLine(Protocol):
    """A digital input, waited upon by one thread."""

    def read(self) -> bool:
        """Whether the line is active now. Raises LineError if it can't be read or is closed."""
        ...

    def wait(self, seconds: float) -> Edge | None:
        """The next edge, oldest first, or None after so long; an edge changes the level, always.

        Raises LineError if the line is gone or closed.
        """
        ...

    def close(self) -> None:
        """Give the line back; a second call does nothing."""
        ...
