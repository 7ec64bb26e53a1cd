"""An output line that survives its device: opened again after it failed."""

import threading
from collections.abc import Callable

from hw.errors import LineError
from hw.lines import OutputLine


class ReopeningLine:
    """Opens the line at once, so that a wrong configuration is named at start; after a failure anew at the next `set`.

    A fresh line is inactive until it is set. Raises what `open_line` raises. Threads may share it.
    """

    def __init__(self, *, open_line: Callable[[], OutputLine]) -> None:
        self._open_line = open_line
        self._lock = threading.Lock()
        self._closed = False
        self._line: OutputLine | None = open_line()

    def set(self, active: bool) -> None:
        """Raises LineError, and tries a new line the next time."""
        with self._lock:
            if self._closed:
                raise LineError("line: closed; it can't be driven any more")
            if self._line is None:
                self._line = self._open_line()
            try:
                self._line.set(active)
            except LineError:
                self._drop()
                raise

    def close(self) -> None:
        """Raises LineError."""
        with self._lock:
            self._closed = True
            line, self._line = self._line, None
            if line is not None:
                line.close()

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        try:
            line.close()
        except LineError:
            # What failed to be driven fails to be made inactive, too: the caller hears of the first.
            return
