"""A serial port that survives being unplugged: opened again at the next use."""

import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import serial

from hw.errors import PortError

WRITE_SECONDS = 1.0

# Waiting for the last byte to leave goes past pyserial's own errors: the terminal's is no OSError.
_FAILURES = (OSError, serial.SerialException, termios.error)


class SerialPort:
    """A port by its device file (8N1), opened at once and alone, and anew after a failure. Threads may share it.

    Raises PortError if it can't be opened.
    """

    def __init__(self, *, port: str, baud: int) -> None:
        self._port, self._baud = port, baud
        self._lock = threading.Lock()
        self._closed = False
        self._device: serial.Serial | None = self._open()

    def write(self, data: bytes) -> None:
        """Send all of it within a second. Raises PortError, and opens the port anew the next time."""
        with self._device_in_use() as device:
            device.write(data)
            device.flush()

    def read(self, size: int) -> bytes:
        """What has come, at most `size` bytes, without waiting. Raises PortError as `write` does."""
        with self._device_in_use() as device:
            return bytes(device.read(size))

    def flush_input(self) -> None:
        """Forget what has come. Raises PortError as `write` does."""
        with self._device_in_use() as device:
            device.reset_input_buffer()

    def close(self) -> None:
        """Give the port back; a second call does nothing."""
        with self._lock:
            self._closed = True
            self._drop()

    @contextmanager
    def _device_in_use(self) -> Iterator[serial.Serial]:
        with self._lock:
            device = self._opened()
            try:
                yield device
            except _FAILURES as error:
                self._drop()
                raise self._error("went away", error) from error

    def _opened(self) -> serial.Serial:
        if self._closed:
            raise PortError(f"{self._port}: closed; it can't be used any more")
        if self._device is None:
            self._device = self._open()
        return self._device

    def _open(self) -> serial.Serial:
        if not Path(self._port).exists():
            raise PortError(
                f"{self._port}: no such port; plug the device in, or see which ports are in /dev/serial/by-id"
            )
        try:
            return serial.Serial(self._port, self._baud, timeout=0, write_timeout=WRITE_SECONDS, exclusive=True)
        except _FAILURES as error:
            raise self._error("can't be opened", error) from error

    def _drop(self) -> None:
        device, self._device = self._device, None
        if device is not None:
            try:
                device.close()
            except _FAILURES:
                # The file descriptor of a device that is gone may refuse even that.
                return

    def _error(self, what: str, error: Exception) -> PortError:
        return PortError(
            f"{self._port}: {what} ({error}); check the plug, that the daemon's user is in the group dialout, and that"
            " no other program holds the port"
        )
