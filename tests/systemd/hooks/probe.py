"""Tries what a terminal that was taken over would try, and prints what became of it; run under the unit's hardening."""

import ctypes
import errno
import json
import mmap
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
STATUS = ("NoNewPrivs", "CapEff", "CapBnd", "Seccomp")


def outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "done"


def call(name: str, *arguments: object) -> None:
    if getattr(LIBC, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def executable_memory() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def processes_of_others() -> list[str]:
    mine = os.getuid()
    return [name for name in os.listdir("/proc") if name.isdigit() and os.stat(f"/proc/{name}").st_uid != mine]


def status() -> dict[str, str]:
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    return {words[0].rstrip(":"): words[1] for words in lines if words and words[0].rstrip(":") in STATUS}


STATE = Path("/var/lib/auther-embedded")
print(  # noqa: T201
    json.dumps(
        {
            "write /etc": outcome(lambda: Path("/etc/mine").touch()),
            "write /usr": outcome(lambda: Path("/usr/mine").touch()),
            "write configuration": outcome(lambda: Path("/etc/auther-embedded/mine").touch()),
            "write state": outcome((STATE / "mine").touch),
            "list /home": outcome(lambda: os.listdir("/home")),
            "list /root": outcome(lambda: os.listdir("/root")),
            "mount": outcome(lambda: call("mount", b"none", b"/mnt", b"tmpfs", 0, None)),
            "namespace": outcome(lambda: call("unshare", 0x20000000)),
            "raw packets": outcome(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)),
            "executable memory": outcome(executable_memory),
            "make a device": outcome(lambda: os.mknod(STATE / "disk", 0o600 | stat.S_IFBLK, os.makedev(8, 0))),
            "schedule": outcome(lambda: os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))),
            "processes of others": processes_of_others(),
            "status": status(),
        }
    )
)
