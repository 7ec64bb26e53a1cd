"""Outputs of a GPIO chip through libgpiod v2."""

import threading

import gpiod
from gpiod.line import Direction, Value

from hw.errors import LineError
from hw.gpiod_chip import find_line, open_chip, reason, refusal


class GpiodOutputLine:
    """An output of the chip with device file `chip`; `line` is its name (`GPIO17`) or its offset on the chip.

    With `active_low` the wire is at ground while the line is active. The kernel frees the line when the process dies;
    whether the wire then falls back or keeps its level is the chip driver's choice. Threads may share the line.
    Raises LineError if the chip or the line is absent, not permitted or held by somebody else.
    """

    def __init__(self, *, chip: str, line: str | int, active_low: bool = False, consumer: str = "auther") -> None:
        self._label = f"{chip} line {line}"
        self._lock = threading.Lock()
        settings = gpiod.LineSettings(direction=Direction.OUTPUT, active_low=active_low, output_value=Value.INACTIVE)
        with open_chip(chip) as device:
            self._offset = find_line(device, line)
            try:
                self._request = device.request_lines({self._offset: settings}, consumer=consumer)
            except OSError as error:
                raise LineError(f"{self._label}: {refusal(error, device, self._offset, wanted='an output')}") from error
        self._closed = False

    def set(self, active: bool) -> None:
        """Raises LineError if the line is closed or its chip is gone."""
        with self._lock:
            if self._closed:
                raise LineError(f"{self._label}: closed; it can't be driven any more")
            self._drive(Value.ACTIVE if active else Value.INACTIVE)

    def close(self) -> None:
        """Raises LineError if the line could not be made inactive; it is given back nevertheless."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            try:
                self._drive(Value.INACTIVE)
            finally:
                self._request.release()

    def _drive(self, value: Value) -> None:
        try:
            self._request.set_value(self._offset, value)
        except OSError as error:
            raise LineError(
                f"{self._label}: can't be driven ({reason(error)}); check that the chip is still there with gpiodetect"
            ) from error
