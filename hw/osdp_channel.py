"""The bytes between libosdp and a serial port that may be unplugged."""

import time
from collections import deque
from collections.abc import Callable

from hw.errors import PortError
from hw.osdp_gate import PacketGate
from hw.serial_port import SerialPort

RETRY_SECONDS = 0.5
PIECE_BYTES = 64

OnWire = Callable[[bool, bytes], None]


class OsdpChannel:
    """What libosdp asks of a channel. A port that is gone reads as silence and is tried again each half second.

    `on_wire(sent, data)` gets all that passes; `on_problem` the error in words when the port fails, None when it works
    again.
    """

    def __init__(
        self,
        *,
        port: SerialPort,
        on_wire: OnWire,
        on_problem: Callable[[str | None], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        # libosdp tells channels apart by this.
        self.id = 0
        self._port, self._on_wire, self._on_problem, self._clock = port, on_wire, on_problem, clock
        self._retry_at: float | None = None
        self._gate = PacketGate()
        self._commands: deque[bytes] = deque()
        self._at_end = False

    def read(self, max_bytes: int) -> bytes:
        """The panel's next command or a part of it; nothing between two, for libosdp goes on for full parts."""
        if not self._commands and not self._at_end:
            self._receive()
        if not self._commands or self._at_end:
            self._at_end = False
            return b""
        command = self._commands.popleft()
        part, rest = command[:max_bytes], command[max_bytes:]
        if rest:
            self._commands.appendleft(rest)
        self._at_end = not rest and len(part) == max_bytes
        return part

    def write(self, buf: bytes) -> int:
        # A reply that can't be sent is lost, as on a cut wire: the panel asks again.
        self._try(lambda: self._port.write(buf))
        self._on_wire(True, buf)
        return len(buf)

    def flush(self) -> None:
        """libosdp drops what came before a new start."""
        self._gate.clear()
        self._commands.clear()
        self._at_end = False
        self._try(self._port.flush_input)

    def _receive(self) -> None:
        data = self._try(lambda: self._port.read(PIECE_BYTES)) or b""
        if data:
            self._on_wire(False, data)
        self._commands.extend(self._gate.feed(data, self._clock()))

    def _try(self, use: Callable[[], bytes | None]) -> bytes | None:
        if self._retry_at is not None and self._clock() < self._retry_at:
            return None
        try:
            data = use()
        except PortError as error:
            if self._retry_at is None:
                self._on_problem(str(error))
            self._retry_at = self._clock() + RETRY_SECONDS
            return None
        if self._retry_at is not None:
            self._retry_at = None
            self._on_problem(None)
        return data
