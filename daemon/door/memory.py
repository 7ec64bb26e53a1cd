"""What is to be known of the door at the next start, each as a file that is there or is not."""

import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)


class MarkFile:
    """A file that is there while the door is `locked` (how, in words); `last` is what was loaded or saved."""

    def __init__(self, path: Path, *, locked: str) -> None:
        self._path, self._locked = path, locked
        self.last = False
        self.since: float | None = None

    def load(self) -> bool:
        """How the door was left. A disk that does not say so counts as the mark: errors deny.

        `since` is the Unix time at which the file was made, None where there is none or the disk does not say.
        """
        try:
            self.since = self._path.stat().st_mtime
        except FileNotFoundError:
            return False
        except OSError as error:
            log.error("%s: can't be looked at (%s): the door starts %s", self._path, error, self._locked)
        self.last = True
        return True

    def save(self, mark: bool) -> None:
        """A disk that refuses is logged: the door itself does not depend on it before the next start."""
        self.last = mark
        try:
            if mark:
                self._path.touch(mode=0o600)
            else:
                self._path.unlink(missing_ok=True)
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            log.error(
                "%s: whether the door is %s can't be remembered for the next start: %s", self._path, self._locked, error
            )
