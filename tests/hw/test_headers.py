import pytest

from hw.headers import HEADERS, describe, header_of

POWER = {1, 2, 4, 6, 9, 14, 17, 20, 25, 30, 34, 39}


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header.board)
def test_every_line_is_on_one_pin_that_is_no_supply(header: object) -> None:
    assert header in HEADERS
    lines = header.lines  # type: ignore[attr-defined]
    assert set(lines) <= set(range(1, 41)) - POWER
    assert len(set(lines.values())) == len(lines)


@pytest.mark.parametrize(
    ("compatible", "pin", "line"),
    [
        (b"raspberrypi,4-model-b\0brcm,bcm2711\0", 11, "GPIO17"),
        (b"raspberrypi,5-model-b\0brcm,bcm2712\0", 40, "GPIO21"),
        (b"nvidia,p3768-0000+p3767-0005\0nvidia,tegra234\0", 7, "PAC.06"),
        (b"nvidia,p3768-0000+p3767-0005\0nvidia,tegra234\0", 32, "PG.06"),
    ],
)
def test_a_board_is_known_by_its_device_tree(compatible: bytes, pin: int, line: str) -> None:
    header = header_of(compatible)
    assert header is not None
    assert header.lines[pin] == line


def test_an_unknown_board_is_none() -> None:
    assert header_of(b"pine64,rockpro64\0") is None
    assert header_of(b"\xff\xfe") is None


def test_the_header_is_shown_as_it_lies_on_the_board() -> None:
    rows = describe(HEADERS[1]).splitlines()
    assert rows[0] == "Raspberry Pi 5 Model B: lines of the chip labelled pinctrl-rp1"
    assert rows[1].split() == ["3V3", "1", "|", "2", "5V"]
    assert rows[6].split() == ["GPIO17", "11", "|", "12", "GPIO18"]
    assert rows[14].split() == ["reserved", "27", "|", "28", "reserved"]
    assert len(rows) == 21
