"""What the lines of a GPIO chip have in common: finding them, and saying why that failed."""

import errno
import os

import gpiod

from hw.errors import LineError


def open_chip(path: str) -> gpiod.Chip:
    """Raises LineError naming the chip and what to do."""
    try:
        return gpiod.Chip(path)
    except FileNotFoundError as error:
        raise LineError(f"{path}: no such GPIO chip; list the chips with gpiodetect") from error
    except PermissionError as error:
        raise LineError(f"{path}: permission denied; add the daemon's user to the group gpio") from error
    except OSError as error:
        raise LineError(f"{path}: not a GPIO chip ({reason(error)}); list the chips with gpiodetect") from error


def find_line(device: gpiod.Chip, line: str | int) -> int:
    """The line's offset on the chip. Raises LineError."""
    try:
        return device.line_offset_from_id(line)
    except (FileNotFoundError, ValueError) as error:
        raise LineError(f"{device.path}: no line {line} on this chip; list its lines with gpioinfo") from error


def refusal(error: OSError, device: gpiod.Chip, offset: int, *, wanted: str) -> str:
    """Why a request was refused, and by whom the line is held."""
    if error.errno == errno.EBUSY:
        holder = device.get_line_info(offset).consumer or "somebody unnamed"
        return f"held by {holder}; stop that program or choose another line (gpioinfo shows who holds which)"
    return f"can't be made {wanted} ({reason(error)}); see with gpioinfo what the line is for"


def reason(error: OSError) -> str:
    """The error in words."""
    return os.strerror(error.errno) if error.errno else str(error)
