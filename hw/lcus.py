"""The protocol of LCUS relay boards, as bytes: A0, number of the relay, 1 or 0, sum of the three (modulo 256).

9600 baud, 8N1; the board does not answer. Sold as LCUS-1 to LCUS-8 with a CH340 or CP2102. Source: the boards' data
sheet, whose examples are A0 01 01 A2 (relay 1 on) and A0 01 00 A1 (off).
"""

BAUD = 9600
START = 0xA0
RELAYS = 8


def switch(relay: int, on: bool) -> bytes:
    """The command for relay 1 to 8. Raises ValueError for another number."""
    if not 1 <= relay <= RELAYS:
        raise ValueError(f"relay {relay}: a board has relays 1 to {RELAYS}")
    head = (START, relay, int(on))
    return bytes((*head, sum(head) & 0xFF))


def parse(command: bytes) -> tuple[int, bool]:
    """Which relay a command switches, and whether on. Raises ValueError for what is no command."""
    if len(command) != 4 or command[0] != START or sum(command[:3]) & 0xFF != command[3]:
        raise ValueError(f"{command.hex(' ')}: expected A0, relay, 0 or 1, and their sum")
    if command[2] > 1 or not 1 <= command[1] <= RELAYS:
        raise ValueError(f"{command.hex(' ')}: expected relay 1 to {RELAYS} and state 0 or 1")
    return command[1], bool(command[2])
