"""What the service manager is told (sd_notify(3)): ready, alive, stopping, and in one line how things stand.

The protocol is a datagram of `NAME=value` lines to the socket that $NOTIFY_SOCKET names. It is spoken here because the
package for it (sdnotify) has not been kept since 2017.
"""

import logging
import socket
import time
from collections.abc import Mapping

log = logging.getLogger(__name__)

VARIABLE = "NOTIFY_SOCKET"
LONGEST_STATUS = 200


class ServiceManager:
    """Speaks to systemd, or to nobody where nobody asked. Any thread may call any method; none waits or raises."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = _address(environ.get(VARIABLE, ""))
        self._status = ""

    @property
    def listens(self) -> bool:
        """Whether there is a service manager that asked to be told."""
        return self._address is not None

    def starting(self, what: str) -> None:
        """A step of the start is under way: progress, also where it is a new start within the process."""
        self._tell(self._told(what), "WATCHDOG=1")

    def ready(self, status: str) -> None:
        """The terminal does its work from now on."""
        self._tell("READY=1", self._told(status), "WATCHDOG=1")

    def alive(self, status: str) -> None:
        """Everything essential has made progress since this was called last."""
        self._tell(self._told(status), "WATCHDOG=1")

    def status(self, status: str) -> None:
        """How things stand, where that is no progress."""
        self._tell(self._told(status))

    def reloading(self) -> None:
        """It starts anew within the process; `ready` follows."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}", "WATCHDOG=1")

    def stopping(self) -> None:
        """It ends by itself or because it was told to."""
        self._tell("STOPPING=1", self._told("stopping"))

    def _told(self, status: str) -> str:
        """Nothing where it was said already: systemd would tell its listeners each time."""
        line = status.partition("\n")[0][:LONGEST_STATUS]
        if line == self._status:
            return ""
        self._status = line
        return f"STATUS={line}"

    def _tell(self, *lines: str) -> None:
        text = "\n".join(line for line in lines if line)
        if self._address is None or not text:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                sender.sendto(text.encode(), self._address)
        except OSError as error:
            # If it goes on, the watchdog restarts the terminal: that is what it is for.
            log.warning("the service manager can't be told: %s", error)


def _address(name: str) -> str | None:
    """A path, or after `@` the name of an abstract socket; no other kind is known (vsock is for machines)."""
    if name.startswith("@"):
        return "\0" + name[1:]
    return name if name.startswith("/") else None
