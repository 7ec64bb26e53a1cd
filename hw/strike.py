"""The lock's coil behind an output line, in the words of a door instead of a pin."""

from hw.lines import OutputLine


class Strike:
    """Unlocks and locks through one line.

    A fail-secure strike is locked without current and is energised to unlock; a fail-safe lock (a maglock) is unlocked
    without current and is energised to lock.
    """

    def __init__(self, *, line: OutputLine, fail_safe: bool) -> None:
        self._line = line
        self._fail_safe = fail_safe
        self.lock()

    def unlock(self) -> None:
        """Raises LineError."""
        self._line.set(not self._fail_safe)

    def lock(self) -> None:
        """Raises LineError."""
        self._line.set(self._fail_safe)

    def close(self) -> None:
        """Give the line back without current. A fail-safe lock is then open: that is what fail-safe means."""
        self._line.close()
