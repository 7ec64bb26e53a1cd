"""What of a panel's bytes reaches libosdp. Pure: bytes and time go in.

libosdp 3.2.9 ends the process at a command in clear for which it has no name, once it insists on the secure channel
(osdp_cmd_name reads through a null pointer). A packet whose check is wrong ends its secure session.
"""

import binascii

from hw.osdp_wire import HEADER, SOM

QUIET_SECONDS = 0.2
# libosdp's OSDP_PACKET_BUF_SIZE.
LONGEST = 256
_CRC_START = 0x1D0F
_NAMED = frozenset(
    (
        0x60, 0x61, 0x62, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x73, 0x74, 0x75, 0x76,
        0x77, 0x7B, 0x7C, 0x80, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA7,
    )
)  # fmt: skip
_FIRST, _LAST = min(_NAMED), max(_NAMED)


class PacketGate:
    """Finds the whole and sound commands in a stream of bytes; the rest is dropped, a beginning after a silence too."""

    def __init__(self) -> None:
        self._buffer = b""
        self._at = 0.0

    def feed(self, data: bytes, now: float) -> list[bytes]:
        """The commands that are now complete; `now` is monotonic time."""
        if now - self._at > QUIET_SECONDS:
            self._buffer = b""
        if data:
            self._at = now
        self._buffer += data
        commands: list[bytes] = []
        while (start := self._buffer.find(SOM)) >= 0:
            self._buffer = self._buffer[start:]
            length = int.from_bytes(self._buffer[2:4], "little")
            possible = HEADER < length <= LONGEST
            if len(self._buffer) < (length if possible else 4):
                return commands
            packet = self._buffer[:length]
            if not possible or not _is_sound(packet):
                self._buffer = self._buffer[1:]
                continue
            self._buffer = self._buffer[length:]
            if _is_bearable(packet):
                commands.append(packet)
        self._buffer = b""
        return commands

    def clear(self) -> None:
        """Forget what has come."""
        self._buffer = b""


def _is_sound(packet: bytes) -> bool:
    if packet[4] & 0x04:
        return binascii.crc_hqx(packet[:-2], _CRC_START) == int.from_bytes(packet[-2:], "little")
    return sum(packet) & 0xFF == 0


def _is_bearable(packet: bytes) -> bool:
    start = HEADER - 1
    if packet[4] & 0x08:
        start += packet[start]
    # A reply is another reader's.
    if packet[1] & 0x80 or start >= len(packet) - 1:
        return False
    code = packet[start]
    return code in _NAMED or not _FIRST <= code <= _LAST
