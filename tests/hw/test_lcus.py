import pytest

from hw import lcus


@pytest.mark.parametrize(
    ("relay", "on", "command"),
    [
        (1, True, "A0 01 01 A2"),
        (1, False, "A0 01 00 A1"),
        (2, True, "A0 02 01 A3"),
        (2, False, "A0 02 00 A2"),
        (4, True, "A0 04 01 A5"),
        (8, True, "A0 08 01 A9"),
        (8, False, "A0 08 00 A8"),
    ],
)
def test_commands_are_those_of_the_data_sheet(relay: int, on: bool, command: str) -> None:
    assert lcus.switch(relay, on) == bytes.fromhex(command)
    assert lcus.parse(bytes.fromhex(command)) == (relay, on)


@pytest.mark.parametrize("relay", [0, 9, -1])
def test_a_relay_that_no_board_has_is_refused(relay: int) -> None:
    with pytest.raises(ValueError, match="relays 1 to 8"):
        lcus.switch(relay, True)


@pytest.mark.parametrize("command", ["", "A0 01 01", "A1 01 01 A3", "A0 01 01 A3", "A0 01 02 A3", "A0 09 01 AA"])
def test_what_is_no_command_is_refused(command: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        lcus.parse(bytes.fromhex(command))
