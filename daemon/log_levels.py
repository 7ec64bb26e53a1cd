"""Levels of the log that an operator has set for a while: a file beside the store, which a running terminal follows."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

from daemon.drafts import draft_of
from daemon.errors import LogLevelError, StoreError
from daemon.logs import LevelName, reset_levels, set_level

log = logging.getLogger(__name__)

NAME = "log-levels.json"


class LevelsFile:
    """Levels by logger, `""` for all of them. It outlasts restarts, so that a start can be looked at too."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def load(self) -> Mapping[str, str]:
        """Raises StoreError when the file can't be read or is none of ours."""
        try:
            levels = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise StoreError(f"{self._path}: can't be read: {error}; remove it, or run as the daemon's user") from error
        if not isinstance(levels, dict) or not all(isinstance(one, str) for one in levels.values()):
            raise StoreError(f"{self._path}: expected levels by logger; remove it")
        return levels

    def save(self, levels: Mapping[str, str]) -> None:
        """Raises StoreError."""
        draft = draft_of(self._path)
        try:
            if not levels:
                self._path.unlink(missing_ok=True)
                return
            draft.write_text(json.dumps(levels), encoding="utf-8")
            # No secret, and the daemon has to read what root has set.
            draft.chmod(0o644)
            draft.replace(self._path)
        except OSError as error:
            raise StoreError(f"{self._path}: can't be written: {error.strerror}; run as the daemon's user") from error


class LevelsFollower:
    """Takes up what stands in the file; to be asked about each second."""

    def __init__(self, file: LevelsFile, *, level: LevelName) -> None:
        self._file, self._level = file, level
        self._followed: Mapping[str, str] = {}

    def refresh(self) -> None:
        """What is wrong with the file is logged once; the levels stay as they are then."""
        try:
            levels = self._file.load()
        except StoreError as error:
            levels = {"": str(error)}
        if levels == self._followed:
            return
        self._followed = levels
        try:
            reset_levels(self._level)
            for logger, level in levels.items():
                set_level(level, logger=logger)
        except LogLevelError as error:
            log.error("levels of the log: %s", error)
        else:
            log.warning("levels of the log: %s", told(levels) or f"{self._level}, as configured")


def told(levels: Mapping[str, str]) -> str:
    """In words: `debug; daemon.mqtt: error`."""
    return "; ".join(f"{logger}: {level}" if logger else level for logger, level in sorted(levels.items()))
