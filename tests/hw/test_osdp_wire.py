import pytest

from hw.osdp_wire import PacketSplitter, describe

# Packets laid out by hand as SIA's OSDP v2.2 says; the check values are not looked at.
POLL = bytes.fromhex("53 65 08 00 04 60 60 90")
ACK = bytes.fromhex("53 E5 08 00 05 40 E3 A5")
KEYSET = bytes.fromhex("53 65 1E 00 0E 02 17 75 01 10") + bytes(range(14)) + bytes(6)


@pytest.mark.parametrize(
    ("packet", "text"),
    [
        (POLL, "panel > reader 101 seq 0 POLL"),
        (ACK, "reader > panel 101 seq 1 ACK"),
        (bytes.fromhex("53 80 09 00 06 41 03 00 00"), "reader > panel   0 seq 2 NAK 03"),
        (bytes.fromhex("53 00 08 00 04 EE 00 00"), "panel > reader   0 seq 0 EE"),
        (KEYSET, "panel > reader 101 seq 2 SCB 17 KEYSET 16 bytes not shown"),
        (bytes.fromhex("53 00 08 00 0C 09 00 00"), "broken packet: 53 00 08 00 0c 09 00 00"),
    ],
)
def test_a_packet_is_a_line(packet: bytes, text: str) -> None:
    assert describe(packet) == text


def test_packets_are_found_between_idle_bytes_and_in_pieces() -> None:
    stream = b"\xff\xff" + POLL + b"\xff" + ACK + b"\x53\x00\xff\xff" + POLL
    for size in (1, 3, 100):
        splitter = PacketSplitter()
        pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
        assert [packet for piece in pieces for packet in splitter.feed(piece)] == [POLL, ACK, POLL]


def test_noise_is_no_packet() -> None:
    splitter = PacketSplitter()
    assert not list(splitter.feed(bytes(255 - n for n in range(256) if n != 0x53) * 10))
