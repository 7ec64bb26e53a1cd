"""The board's header: which pin is which line."""

from collections.abc import Iterator
from pathlib import Path

from daemon.doctor.finding import Finding, fine
from hw.headers import describe, header_of

COMPATIBLE = Path("/proc/device-tree/compatible")


def look_at_board(*, compatible: Path = COMPATIBLE) -> Iterator[Finding]:
    """The pins of a board that is known here; nothing is said of others."""
    try:
        header = header_of(compatible.read_bytes())
    except FileNotFoundError:
        return
    if header is not None:
        yield fine("pins", describe(header))
