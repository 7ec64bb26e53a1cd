"""Is this a machine that a terminal can be installed on? Told in plain words where it is not."""

import os
import platform
import shutil
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import Trouble

SUITABLE = "Raspberry Pi OS (64-bit) Bookworm or Trixie, Debian 12 or later, Ubuntu 22.04 or later, NVIDIA JetPack 6"
LEAST_VERSION: Mapping[str, float] = {"debian": 12, "raspbian": 12, "ubuntu": 22.04}
MACHINES = ("aarch64", "x86_64")
OLDEST_PYTHON, NEWEST_PYTHON = (3, 10), (3, 13)
PYTHONS = tuple(f"3.{minor}" for minor in range(OLDEST_PYTHON[1], NEWEST_PYTHON[1] + 1))
ROOM_BYTES = 1_500_000_000


@dataclass(frozen=True)
class Machine:
    """What an installation depends on. `system` holds the lines of os-release, `bits` the size of a pointer."""

    user: int
    system: Mapping[str, str]
    processor: str
    bits: int
    python: tuple[int, int]
    free_bytes: int
    has_systemd: bool


def this_machine(root: Path) -> Machine:
    """Raises Trouble where there is no os-release to read."""
    return Machine(
        user=os.geteuid(),
        system=_os_release(root),
        processor=platform.machine(),
        bits=8 * struct.calcsize("P"),
        python=sys.version_info[:2],
        free_bytes=shutil.disk_usage(root / "opt" if (root / "opt").is_dir() else root).free,
        has_systemd=shutil.which("systemctl") is not None,
    )


def check(machine: Machine) -> None:
    """Raises Trouble naming the first thing that stands in the way."""
    name = machine.system.get("PRETTY_NAME", "an unknown system")
    if machine.user != 0:
        raise Trouble("this needs root: run it again with sudo in front")
    if not _suits(machine.system):
        raise Trouble(f"this is {name}; a terminal needs {SUITABLE}")
    # A Raspberry Pi runs a 64-bit kernel also under a 32-bit system: the kernel's word alone tells nothing.
    if machine.processor not in MACHINES or machine.bits != 64:
        raise Trouble(
            f"this is a {machine.bits}-bit system on {machine.processor}; a terminal needs a 64-bit one, on a "
            "Raspberry Pi 4 or 5, a Jetson or a PC. On a Pi write the image 'Raspberry Pi OS (64-bit)' to the card"
        )
    if not OLDEST_PYTHON <= machine.python <= NEWEST_PYTHON:
        found, oldest, newest = (".".join(map(str, one)) for one in (machine.python, OLDEST_PYTHON, NEWEST_PYTHON))
        raise Trouble(f"python3 is {found}; this release runs on {oldest} to {newest}: take one of {SUITABLE}")
    if not machine.has_systemd:
        raise Trouble(f"systemd is missing, which starts the terminal and watches over it: take one of {SUITABLE}")
    if machine.free_bytes < ROOM_BYTES:
        raise Trouble(
            f"{machine.free_bytes / 1e6:,.0f} MB are free for /opt, and {ROOM_BYTES / 1e6:,.0f} MB are needed: "
            "make room"
        )


def camera_packages(root: Path) -> tuple[str, ...]:
    """What the camera at a board's own connector needs of the board's system; nothing on other machines."""
    if (root / "etc/rpi-issue").exists():
        return ("python3-picamera2",)
    if (root / "etc/nv_tegra_release").exists():
        return ("python3-gi", "gir1.2-gstreamer-1.0", "gstreamer1.0-plugins-good")
    return ()


def _suits(system: Mapping[str, str]) -> bool:
    least = LEAST_VERSION.get(system.get("ID", ""))
    if least is None:
        # A derivative counts its own versions.
        return "debian" in system.get("ID_LIKE", "").split()
    try:
        return float(system.get("VERSION_ID", "inf")) >= least  # testing has no number
    except ValueError:
        return False


def _os_release(root: Path) -> Mapping[str, str]:
    for path in (root / "etc/os-release", root / "usr/lib/os-release"):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError:
            continue
        pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        return {key: value.strip("\"'") for key, value in pairs}
    raise Trouble(f"what system this is can't be told (no /etc/os-release); a terminal needs {SUITABLE}")
