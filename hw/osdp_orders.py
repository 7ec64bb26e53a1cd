"""What an OSDP panel orders a reader to show and sound: libosdp's commands as values (SIA OSDP 2.2, 6.10 to 6.12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Color = Literal["black", "red", "green", "amber", "blue", "magenta", "cyan", "white"]

_COLORS: tuple[Color, ...] = ("black", "red", "green", "amber", "blue", "magenta", "cyan", "white")
_SET_TEMPORARY = 2
_TICKS_A_SECOND = 10


@dataclass(frozen=True)
class LedOrder:
    """Show `color` for `on_seconds`, then `other` for `off_seconds`, over and over; `off_seconds` 0 is a steady light.

    With `seconds` the order ends by itself and what was ordered without comes back.
    """

    color: Color
    other: Color = "black"
    on_seconds: float = 0.0
    off_seconds: float = 0.0
    seconds: float | None = None


@dataclass(frozen=True)
class EndTemporary:
    """Show again what was ordered for good."""


@dataclass(frozen=True)
class BuzzerOrder:
    """Sound `times` times for `on_seconds` with `off_seconds` between; `times` 0: until the next order. `on` False is
    silence.
    """

    on: bool
    on_seconds: float = 0.0
    off_seconds: float = 0.0
    times: int = 0


@dataclass(frozen=True)
class OutputOrder:
    """Output `number` (from 0) on or off, for `seconds` or (None) until the next order."""

    number: int
    on: bool
    seconds: float | None = None


Order = LedOrder | EndTemporary | BuzzerOrder | OutputOrder


def led_order(command: Mapping[str, object]) -> LedOrder | EndTemporary | None:
    """None for a command that changes nothing. Raises TypeError or KeyError for one that libosdp never makes."""
    code, temporary = _number(command["control_code"]), bool(command["temporary"])
    if code == 0:
        return None
    if temporary and code != _SET_TEMPORARY:
        return EndTemporary()
    return LedOrder(
        color=_color(command["on_color"]),
        other=_color(command["off_color"]),
        on_seconds=_seconds(command["on_count"]),
        off_seconds=_seconds(command["off_count"]),
        seconds=_seconds(command["timer_count"]) if temporary else None,
    )


def buzzer_order(command: Mapping[str, object]) -> BuzzerOrder | None:
    """None for a command that changes nothing. Raises TypeError or KeyError for one that libosdp never makes."""
    code = _number(command["control_code"])
    if code == 0:
        return None
    return BuzzerOrder(
        on=code > 1,
        on_seconds=_seconds(command["on_count"]),
        off_seconds=_seconds(command["off_count"]),
        times=_number(command["rep_count"]),
    )


def output_order(command: Mapping[str, object]) -> OutputOrder | None:
    """None for a command that changes nothing. Raises TypeError or KeyError for one that libosdp never makes."""
    code, number = _number(command["control_code"]), _number(command["output_no"])
    if code == 0:
        return None
    timed = code in (5, 6)
    return OutputOrder(number, code in (2, 4, 5), _seconds(command["timer_count"]) if timed else None)


def _color(value: object) -> Color:
    number = _number(value)
    return _COLORS[number] if number < len(_COLORS) else "white"


def _seconds(value: object) -> float:
    return _number(value) / _TICKS_A_SECOND


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r}: expected a number")
    return value
