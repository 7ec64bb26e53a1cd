"""Whether the door is locked down, across restarts."""

import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)


class LockdownFile:
    """A file that is there while the door is locked down; `last` is what was loaded or saved."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.last = False

    def load(self) -> bool:
        """How the door was left. A disk that does not say so is a lockdown: errors deny."""
        try:
            self._path.stat()
        except FileNotFoundError:
            return False
        except OSError as error:
            log.error("%s: can't be looked at (%s): the door starts in lockdown", self._path, error)
        self.last = True
        return True

    def save(self, lockdown: bool) -> None:
        """A disk that refuses is logged: the door itself does not depend on it before the next start."""
        self.last = lockdown
        try:
            if lockdown:
                self._path.touch(mode=0o600)
            else:
                self._path.unlink(missing_ok=True)
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            log.error("%s: the lockdown can't be remembered for the next start: %s", self._path, error)
