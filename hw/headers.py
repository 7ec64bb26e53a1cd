"""The 40-pin headers of the boards that terminals are built on: which pin is which line of which chip.

Sources: the device trees of Raspberry Pi OS (bcm2711-rpi-4-b.dts, bcm2712-rpi-5-b.dts: `gpio-line-names`) and NVIDIA's
Jetson.GPIO (gpio_pin_data.py, JETSON_ORIN_NX_PIN_DEFS). On a Raspberry Pi the number in the name is also the line's
offset, which works where an older kernel calls a line after its usual function (SDA1). The chip of a Pi 5's header is
gpiochip0 or gpiochip4, by the kernel's version: find it by its label.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Header:
    """One board: `compatible` is a string of /proc/device-tree/compatible, `chip` the label of its GPIO chip.

    `lines` maps the pins (1 to 40) that can be used as lines to their line names; the others are supply, ground, or
    reserved for the identification of boards.
    """

    board: str
    compatible: str
    chip: str
    lines: Mapping[int, str]


_BCM = {
    3: 2, 5: 3, 7: 4, 8: 14, 10: 15, 11: 17, 12: 18, 13: 27, 15: 22, 16: 23, 18: 24, 19: 10, 21: 9, 22: 25, 23: 11,
    24: 8, 26: 7, 29: 5, 31: 6, 32: 12, 33: 13, 35: 19, 36: 16, 37: 26, 38: 20, 40: 21,
}  # fmt: skip
_ORIN = {
    7: "PAC.06", 11: "PR.04", 12: "PH.07", 13: "PY.00", 15: "PN.01", 16: "PY.04", 18: "PY.03", 19: "PZ.05",
    21: "PZ.04", 22: "PY.01", 23: "PZ.03", 24: "PZ.06", 26: "PZ.07", 29: "PQ.05", 31: "PQ.06", 32: "PG.06",
    33: "PH.00", 35: "PI.02", 36: "PR.05", 37: "PY.02", 38: "PI.01", 40: "PI.00",
}  # fmt: skip

HEADERS: tuple[Header, ...] = (
    Header(
        "Raspberry Pi 4 Model B",
        "raspberrypi,4-model-b",
        "pinctrl-bcm2711",
        MappingProxyType({pin: f"GPIO{number}" for pin, number in _BCM.items()}),
    ),
    Header(
        "Raspberry Pi 5 Model B",
        "raspberrypi,5-model-b",
        "pinctrl-rp1",
        MappingProxyType({pin: f"GPIO{number}" for pin, number in _BCM.items()}),
    ),
    Header(
        "NVIDIA Jetson Orin Nano Developer Kit",
        "nvidia,p3768-0000+p3767-0005",
        "tegra234-gpio",
        MappingProxyType(_ORIN),
    ),
)


def header_of(compatible: bytes) -> Header | None:
    """The header of the board that /proc/device-tree/compatible (strings ended by NUL) names, if it is known here."""
    names = compatible.decode("ascii", errors="replace").split("\0")
    return next((header for header in HEADERS if header.compatible in names), None)


def describe(header: Header) -> str:
    """The header as text, odd pins left and even ones right, as it lies on the board."""
    rows = [f"{header.board}: lines of the chip labelled {header.chip}"]
    for left in range(1, 41, 2):
        rows.append(f"{_name(header, left):>10} {left:>2} | {left + 1:<2} {_name(header, left + 1)}".rstrip())
    return "\n".join(rows)


def _name(header: Header, pin: int) -> str:
    if pin in _SUPPLY:
        return _SUPPLY[pin]
    return header.lines.get(pin, "reserved")


_SUPPLY = {1: "3V3", 17: "3V3", 2: "5V", 4: "5V"} | dict.fromkeys((6, 9, 14, 20, 25, 30, 34, 39), "GND")
