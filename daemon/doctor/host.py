"""The machine: groups of the user, clock, temperature, load. `root` stands for / and is another folder in tests."""

import grp
import os
import pwd
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from daemon.config.camera import WebcamCamera
from daemon.config.door import GpiodInput, GpiodLine, LcusLine
from daemon.config.settings import Settings
from daemon.doctor.finding import Finding, fine, problem, warning
from daemon.doctor.lines import wires_of
from daemon.heat import read_heat

ROOT = Path("/")
HOT_CELSIUS = 70.0
# A Raspberry Pi slows down at 80 °C, and stops at 85.
THROTTLED_CELSIUS = 80.0
# A clock before this was never set.
RELEASED = time.mktime((2026, 1, 1, 0, 0, 0, 0, 0, 0))


def look_at_groups(settings: Settings) -> Iterator[Finding]:
    """Is this user in the groups that own the devices? Root needs none."""
    user = _user_name(os.geteuid())
    if os.geteuid() == 0:
        yield warning("groups", "this is root, who may do everything", "look again as the daemon's user")
        return
    mine = {_group_name(number) for number in os.getgroups()}
    wires = wires_of(settings.door).values()
    needed = {
        "video": isinstance(settings.camera, WebcamCamera) and not _is_address(settings.camera.source),
        "gpio": any(isinstance(wire, GpiodLine | GpiodInput) for wire in wires),
        "dialout": any(isinstance(wire, LcusLine) for wire in wires),
    }
    missing = [name for name, is_needed in needed.items() if is_needed and name not in mine]
    if missing:
        yield problem(
            "groups",
            f"{user} is not in {', '.join(missing)}",
            f"sudo usermod -aG {','.join(missing)} {user}, then log in anew",
        )
    else:
        present = [name for name in needed if name in mine]
        yield fine("groups", f"{user} is in {', '.join(present) or 'none of video, gpio, dialout, and needs none'}")


def look_at_clock(*, now: Callable[[], float] = time.time) -> Iterator[Finding]:
    """Is the clock set, and kept by somebody? Events and signed commands carry its time."""
    if now() < RELEASED:
        yield problem(
            "clock", f"it says {time.strftime('%Y-%m-%d', time.gmtime(now()))}", "set it: timedatectl set-ntp true"
        )
        return
    synchronised = _synchronised()
    if synchronised is None:
        yield warning("clock", "whether it is synchronised can't be told (no timedatectl)", "see that NTP runs")
    elif synchronised:
        yield fine("clock", "synchronised")
    else:
        yield warning(
            "clock", "not synchronised", "timedatectl set-ntp true, and see that the network lets NTP through"
        )


def look_at_temperature(*, root: Path = ROOT) -> Iterator[Finding]:
    """The hottest zone that the kernel knows, and whether it slows the board down."""
    heat = read_heat(root=root)
    text = "this machine tells none" if heat.celsius is None else f"{heat.celsius:.0f} °C"
    if heat.throttled:
        yield problem("temperature", f"{text}: {'; '.join(heat.reasons)}", "cool it, and give it a stronger supply")
    elif heat.celsius is not None and heat.celsius >= THROTTLED_CELSIUS:
        yield problem("temperature", f"{text}: the processor slows down", "cool it: heat sink, fan, shade")
    elif heat.celsius is not None and heat.celsius >= HOT_CELSIUS:
        yield warning("temperature", text, "cool it: heat sink, fan, shade")
    else:
        yield fine("temperature", text)


def look_at_load(*, load: Callable[[], tuple[float, float, float]] = os.getloadavg) -> Iterator[Finding]:
    """One core should be left to the vision thread."""
    cores = os.cpu_count() or 1
    minute = load()[0]
    text = f"{os.uname().machine}, {cores} core(s), load {minute:.1f}"
    if minute > cores:
        yield warning("load", text, "see with `top` what else keeps this machine busy")
    else:
        yield fine("load", text)


def _user_name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _is_address(source: int | str) -> bool:
    return isinstance(source, str) and "://" in source


def _synchronised() -> bool | None:
    try:
        answer = subprocess.run(
            ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=3,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() == "yes"
