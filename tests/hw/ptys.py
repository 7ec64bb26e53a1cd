"""A device on a serial port that can be unplugged and plugged in again: a pty behind a symbolic link."""

import os
import pty
import select
import tty
from pathlib import Path


class Plug:
    """The far end of a serial port at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._master = self._slave = -1
        self._last = b""
        self.plug_in()

    def plug_in(self) -> None:
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.path.symlink_to(os.ttyname(self._slave))

    def unplug(self) -> None:
        """Closing the far end hangs the port up, as pulling the plug of a USB adapter does."""
        self.path.unlink()
        os.close(self._slave)
        os.close(self._master)
        self._master = -1

    def received(self, size: int) -> bytes:
        """The next `size` bytes that came over the wire, or what came within five seconds."""
        data = b""
        while len(data) < size and select.select([self._master], [], [], 5)[0]:
            data += os.read(self._master, size - len(data))
        return data

    def last(self, size: int) -> bytes:
        """The last `size` bytes that ever came."""
        while select.select([self._master], [], [], 0.05)[0]:
            self._last = (self._last + os.read(self._master, 1024))[-64:]
        return self._last[-size:]

    def send(self, data: bytes) -> None:
        os.write(self._master, data)

    def close(self) -> None:
        if self._master >= 0:
            self.unplug()
