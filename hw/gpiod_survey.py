"""How a line stands, without requesting or driving it."""

from dataclasses import dataclass
from pathlib import Path

from hw.errors import LineError
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


def chip_with(line: str | int, *, devices: Path = Path("/dev")) -> str | None:
    """The first chip that has the line and may be looked at: which number a header's chip has depends on the kernel."""
    for chip in sorted(devices.glob("gpiochip*")):
        try:
            line_state(chip=str(chip), line=line)
        except LineError:
            continue
        return str(chip)
    return None
