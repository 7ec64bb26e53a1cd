"""How a line stands, without requesting or driving it."""

from dataclasses import dataclass

from hw.gpiod_chip import find_line, open_chip


@dataclass(frozen=True)
class LineState:
    """A line as the kernel knows it; `holder` is who has requested it, None when it is free."""

    name: str
    offset: int
    holder: str | None


def line_state(*, chip: str, line: str | int) -> LineState:
    """Look at one line, by name or offset. Raises LineError if the chip or the line is absent or not permitted."""
    with open_chip(chip) as device:
        info = device.get_line_info(find_line(device, line))
        return LineState(info.name, info.offset, (info.consumer or "somebody unnamed") if info.used else None)
