"""What an output line is: one wire that is active or not."""

from typing import Protocol


class OutputLine(Protocol):
    """A digital output; inactive from the moment it is opened. `active` is logical: polarity is the back end's."""

    def set(self, active: bool) -> None:
        """Drive the line. Raises LineError if it can't be driven or is closed."""
        ...

    def close(self) -> None:
        """Make the line inactive and give it back; a second call does nothing.

        Raises LineError if it could not be made inactive; it is given back nevertheless.
        """
        ...
