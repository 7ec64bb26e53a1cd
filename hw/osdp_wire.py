"""OSDP packets as readable text, for the wire log. Pure.

Source: SIA OSDP v2.2 (IEC 60839-11-5): SOM 53, address (bit 7 set in replies), length (2, little endian), control
(bits 0-1 sequence, 2 CRC, 3 security block), security block (length, type, data), command or reply, data, MAC, CRC.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

SOM = 0x53
HEADER = 6
COMMANDS: Mapping[int, str] = MappingProxyType(
    {
        0x60: "POLL", 0x61: "ID", 0x62: "CAP", 0x64: "LSTAT", 0x65: "ISTAT", 0x66: "OSTAT", 0x67: "RSTAT", 0x68: "OUT",
        0x69: "LED", 0x6A: "BUZ", 0x6B: "TEXT", 0x6E: "COMSET", 0x75: "KEYSET", 0x76: "CHLNG", 0x77: "SCRYPT",
        0x7B: "ACURXSIZE", 0x7C: "FILETRANSFER", 0x80: "MFG", 0xA2: "ABORT",
    }
)  # fmt: skip
REPLIES: Mapping[int, str] = MappingProxyType(
    {
        0x40: "ACK", 0x41: "NAK", 0x45: "PDID", 0x46: "PDCAP", 0x48: "LSTATR", 0x49: "ISTATR", 0x4A: "OSTATR",
        0x4B: "RSTATR", 0x50: "RAW", 0x51: "FMT", 0x53: "KEYPAD", 0x54: "COM", 0x76: "CCRYPT", 0x78: "RMAC_I",
        0x79: "BUSY", 0x7A: "FTSTAT", 0x90: "MFGREP",
    }
)  # fmt: skip
# What the panel's own key protects is not written down again in clear.
SECRET = frozenset({"KEYSET"})


class PacketSplitter:
    """Finds the packets in a stream of bytes; what is between them (idle bytes, noise) is dropped."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The packets that are now complete."""
        self._buffer += data
        while (start := self._buffer.find(SOM)) >= 0:
            self._buffer = self._buffer[start:]
            if len(self._buffer) < 4:
                return
            length = int.from_bytes(self._buffer[2:4], "little")
            if not HEADER < length <= 1440:
                self._buffer = self._buffer[1:]
                continue
            if len(self._buffer) < length:
                return
            packet, self._buffer = self._buffer[:length], self._buffer[length:]
            yield packet
        self._buffer = b""


def describe(packet: bytes) -> str:
    """One line: direction, address, sequence, name, data in hex, and whether it is encrypted. Keys are left out."""
    reply, address, control = bool(packet[1] & 0x80), packet[1] & 0x7F, packet[4]
    start, kind = HEADER - 1, None
    if control & 0x08:
        kind = packet[start + 1]
        start += packet[start]
    if start >= len(packet):
        return f"broken packet: {packet.hex(' ')}"
    code, check = packet[start], 2 if control & 0x04 else 1
    mac = 4 if kind is not None and kind >= 0x15 else 0
    name = (REPLIES if reply else COMMANDS).get(code, f"{code:02X}")
    data = packet[start + 1 : len(packet) - check - mac]
    security = "" if kind is None else f" SCB {kind:02X}"
    text = f"{len(data)} bytes not shown" if name in SECRET else data.hex(" ").upper()
    direction = "reader > panel" if reply else "panel > reader"
    return f"{direction} {address:3d} seq {control & 3}{security} {name} {text}".rstrip()
