"""How a line stands, without requesting or driving it."""

from dataclasses import dataclass

import gpiod

from hw.errors import LineError


@dataclass(frozen=True)
class LineState:
    """A line as the kernel knows it; `holder` is who has requested it, None when it is free."""

    name: str
    offset: int
    holder: str | None


def line_state(*, chip: str, line: str | int) -> LineState:
    """Look at one line, by name or offset. Raises LineError if the chip or the line is absent or not permitted."""
    try:
        with gpiod.Chip(chip) as device:
            info = device.get_line_info(device.line_offset_from_id(line))
            return LineState(info.name, info.offset, (info.consumer or "somebody unnamed") if info.used else None)
    except PermissionError as error:
        raise LineError(f"{chip}: permission denied; add the daemon's user to the group gpio") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise LineError(f"{chip} line {line}: {reason}; list chips and lines with gpioinfo") from error
