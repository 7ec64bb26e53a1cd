"""What an output line is: one wire that is active or not."""

from typing import Protocol


class OutputLine(Protocol):
    """A digital output; inactive from the moment it is opened. `active` is logical: polarity belongs to the back end."""

    def set(self, active: bool) -> None:
        """Drive the line. Raises LineError."""
        ...

    def close(self) -> None:
        """Make the line inactive and give it back; a second call does nothing."""
        ...
