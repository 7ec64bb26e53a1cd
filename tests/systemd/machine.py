"""A real systemd with the units of `systemd/`, in a container without an image (systemd-nspawn(1), --volatile=yes).

The terminal lies where the installer puts it: the environment that runs the tests is bound to /opt, because the units
hide /root and /home, where it usually is.
"""

import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
UNIT = "auther-embedded.service"
BOOT_SECONDS = 120.0
OPT = "/opt/auther-embedded"
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
BIND = "--bind-ro"


class Machine:
    """What runs, seen from outside; `folder` holds what is bound into it, `leader` is its first process here."""

    def __init__(self, folder: Path, leader: int) -> None:
        self.folder, self.leader = folder, leader

    def run(self, *command: str, check: bool = True) -> str:
        """Run a command inside, as root, and give what it prints."""
        inside = ["nsenter", "--target", str(self.leader), "--all", "--wd=/", "--", *command]
        path = {"PATH": "/usr/bin:/usr/sbin"}
        done = subprocess.run(inside, capture_output=True, text=True, check=False, timeout=60, env=path)
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def show(self, name: str, unit: str = UNIT) -> str:
        """A property of a unit."""
        return self.run("systemctl", "show", "--property", name, "--value", unit).strip()

    def journal(self, *more: str) -> str:
        """What the terminal has logged."""
        return self.run("journalctl", "--no-pager", "--unit", UNIT, *more)

    def wait(self, holds: Callable[[], bool], what: str, *, seconds: float = 60.0) -> float:
        """How long it took until `holds`, in seconds; fails with the journal if it took too long."""
        began = time.monotonic()
        while not holds():
            waited = time.monotonic() - began
            assert waited < seconds, f"no {what} in {seconds:g} s\n{self._story()}"
            time.sleep(0.1)
        return time.monotonic() - began

    def _story(self) -> str:
        return self.run("systemctl", "status", "--no-pager", UNIT, check=False) + self.journal()

    def wait_for_state(self, state: str, *, seconds: float = 60.0) -> float:
        return self.wait(lambda: self.show("ActiveState") == state, state, seconds=seconds)


@contextmanager
def booted(folder: Path, *binds: str) -> Iterator[Machine]:
    """A machine with the terminal installed and configured by `folder`/etc, but not started."""
    units, log = _units(folder), folder / "console.log"
    command = [
        *("systemd-nspawn", "--quiet", "--directory=/", "--volatile=yes", "--register=no", "--keep-unit"),
        *("--private-network", f"--machine=auther-{os.getpid()}"),
        f"{BIND}={units}:/etc/systemd/system",
        f"{BIND}={folder}/presets:/etc/systemd/system-preset",
        f"{BIND}={ROOT}/systemd/auther-embedded.sysusers:/etc/sysusers.d/auther-embedded.conf",
        f"{BIND}={ROOT}/systemd/auther-embedded.tmpfiles:/etc/tmpfiles.d/auther-embedded.conf",
        f"--bind={folder}/etc:/etc/auther-embedded",
        f"--bind={folder}/credstore:/etc/credstore",
        *_application(folder),
        *binds,
        *("--boot", "systemd.firstboot=no", "systemd.unit=multi-user.target"),
    ]
    with log.open("wb") as console:
        nspawn = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
    try:
        machine = Machine(folder, _leader(nspawn, log))
        machine.wait(lambda: _up(machine), "boot", seconds=BOOT_SECONDS)
        yield machine
    finally:
        nspawn.terminate()
        try:
            nspawn.wait(20)
        except subprocess.TimeoutExpired:
            nspawn.kill()
            nspawn.wait()


def _up(machine: Machine) -> bool:
    return machine.run("systemctl", "is-system-running", check=False).strip() in {"running", "degraded"}


def _leader(nspawn: "subprocess.Popen[bytes]", log: Path) -> int:
    children = Path(f"/proc/{nspawn.pid}/task/{nspawn.pid}/children")
    deadline = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < deadline:
        assert nspawn.poll() is None, f"systemd-nspawn ended: {log.read_text(errors='replace')}"
        for child in children.read_text().split():
            if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                return int(child)
        time.sleep(0.05)
    raise AssertionError(f"no systemd came up: {log.read_text(errors='replace')}")


def _units(folder: Path) -> Path:
    """The units as they are shipped; nothing else of this machine's is started."""
    units = folder / "units"
    units.mkdir()
    for unit in (*ROOT.glob("systemd/*.service"), *ROOT.glob("systemd/*.timer")):
        (units / unit.name).write_bytes(unit.read_bytes())
        (units / f"{unit.name}.d").mkdir()
    presets = folder / "presets"
    presets.mkdir()
    (presets / "00-none.preset").write_text("disable *\n")
    for name in ("etc", "credstore"):
        (folder / name).mkdir(exist_ok=True)
    return units


def _application(folder: Path) -> Iterator[str]:
    """An environment at /opt/auther-embedded/current, made of this one's interpreter, packages and this source."""
    current = folder / "current"
    site = current / "lib" / PYTHON / "site-packages"
    site.mkdir(parents=True)
    (site / "terminal.pth").write_text(f"{OPT}/source\n{OPT}/packages\n{OPT}/hooks\nimport hanging\n")
    (current / "pyvenv.cfg").write_text(f"home = {OPT}/python/bin\ninclude-system-site-packages = false\n")
    (current / "bin").mkdir()
    (current / "bin" / "python").symlink_to(f"{OPT}/python/bin/{PYTHON}")
    command = current / "bin" / "auther"
    # An interpreter with a shared library looks for it where it was built.
    command.write_text(f'#!/bin/sh\nLD_LIBRARY_PATH={OPT}/python/lib exec {OPT}/current/bin/python -m daemon "$@"\n')
    command.chmod(0o755)
    for host, guest in (
        (current, "current"),
        (Path(sys.base_prefix), "python"),
        (Path(sysconfig.get_path("purelib")), "packages"),
        (ROOT, "source"),
        (Path(__file__).parent / "hooks", "hooks"),
    ):
        yield f"{BIND}={host}:{OPT}/{guest}"
