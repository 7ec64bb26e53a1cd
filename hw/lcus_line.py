"""A relay of an LCUS board as an output line."""

from hw import lcus
from hw.errors import LineError, PortError
from hw.serial_port import SerialPort


class LcusOutputLine:
    """Relay `channel` (1 to 8) of the board on a serial port; active is the relay drawn.

    The board tells nothing back: a relay that sticks stays unseen. After it was unplugged the board starts with every
    relay off, and takes the next command. Lines of one board can't be opened twice, the port is held by one.
    Raises LineError if the port can't be opened.
    """

    def __init__(self, *, port: str, channel: int = 1) -> None:
        self._label = f"{port} relay {channel}"
        self._closed = False
        self._frames = {on: lcus.switch(channel, on) for on in (False, True)}
        try:
            self._port = SerialPort(port=port, baud=lcus.BAUD)
        except PortError as error:
            raise LineError(f"{self._label}: {error}") from error
        self._drive(False)

    def set(self, active: bool) -> None:
        """Raises LineError if the board is gone or the line closed."""
        if self._closed:
            raise LineError(f"{self._label}: closed; it can't be driven any more")
        self._drive(active)

    def close(self) -> None:
        """Raises LineError if the relay could not be switched off; the port is given back nevertheless."""
        if self._closed:
            return
        self._closed = True
        try:
            self._drive(False)
        finally:
            self._port.close()

    def _drive(self, active: bool) -> None:
        try:
            self._port.write(self._frames[active])
        except PortError as error:
            raise LineError(f"{self._label}: can't be driven: {error}") from error
