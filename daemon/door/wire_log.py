"""The readable log of an OSDP panel's wire. A full disk costs the log, never the panel."""

import logging
import time
from collections.abc import Callable
from io import FileIO
from pathlib import Path

from daemon.errors import ConfigError
from daemon.timestamps import to_iso
from hw.osdp_wire import PacketSplitter, describe

log = logging.getLogger(__name__)


class WireLog:
    """Appends a line for each packet to a file. Raises ConfigError if the file can't be opened."""

    def __init__(self, path: Path, *, wall: Callable[[], float] = time.time) -> None:
        self._path, self._wall = path, wall
        self._splitters = {True: PacketSplitter(), False: PacketSplitter()}
        self._failing = False
        try:
            self._file = FileIO(path, "a")
        except OSError as error:
            raise ConfigError(
                f"panel.trace_file: {path} can't be written: {error.strerror}; make its folder for the daemon's user"
            ) from error

    def wire(self, sent: bool, data: bytes) -> None:
        """What the terminal `sent`, or what came."""
        for packet in self._splitters[sent].feed(data):
            self._write(f"{to_iso(self._wall())} {describe(packet)}\n")

    def close(self) -> None:
        self._file.close()

    def _write(self, line: str) -> None:
        try:
            self._file.write(line.encode())
        except OSError as error:
            if not self._failing:
                log.warning("panel.trace_file: %s: %s; packets are not written down", self._path, error.strerror)
            self._failing = True
        else:
            self._failing = False
