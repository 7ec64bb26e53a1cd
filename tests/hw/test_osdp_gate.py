"""What of a panel's bytes reaches libosdp."""

import pytest

from hw.osdp_gate import LONGEST, PacketGate

POLL = bytes.fromhex("53 05 08 00 04 60 bc 89")
POLL_CHECKSUM = bytes.fromhex("53 05 07 00 00 60 41")
CHALLENGE = bytes.fromhex("53 05 13 00 0c 03 11 00 76 00 00 00 00 00 00 00 00 54 16")
# A code that the standard does not give away, at which libosdp 3.2.9 ends the process.
UNASSIGNED = bytes.fromhex("53 05 08 00 04 63 df b9")


@pytest.mark.parametrize("packet", [POLL, POLL_CHECKSUM, CHALLENGE])
def test_sound_commands_pass_byte_by_byte(packet: bytes) -> None:
    gate = PacketGate()
    assert [command for byte in packet for command in gate.feed(bytes((byte,)), 1.0)] == [packet]


@pytest.mark.parametrize(
    "noise",
    [
        b"\xff\x00\x53\x53",
        POLL[:-1] + b"\x00",
        UNASSIGNED,
        b"\x53\x85" + POLL[2:],
        b"\x53\x05" + (LONGEST + 1).to_bytes(2, "little"),
        bytes.fromhex("53 05 06 00 04 60"),
        # Its security block is said to end beyond the packet.
        bytes.fromhex("53 05 09 00 08 ff 11 60 27"),
    ],
)
def test_what_is_none_is_dropped_and_the_command_after_it_passes(noise: bytes) -> None:
    assert PacketGate().feed(noise + POLL + CHALLENGE, 1.0) == [POLL, CHALLENGE]


def test_a_beginning_is_forgotten_after_a_silence() -> None:
    gate = PacketGate()
    assert gate.feed(CHALLENGE[:6], 1.0) == []
    assert gate.feed(b"", 1.5) == []
    assert gate.feed(POLL, 1.5) == [POLL]


def test_a_beginning_waits_for_its_end() -> None:
    gate = PacketGate()
    gate.feed(POLL[:3], 1.0)
    assert gate.feed(POLL[3:], 1.1) == [POLL]
    gate.feed(POLL[:3], 2.0)
    gate.clear()
    assert gate.feed(POLL[3:], 2.0) == []
