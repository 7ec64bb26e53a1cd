"""A folder with every package that an installation needs, each as the lock file's hash says."""

import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import Trouble
from appliance.shell import run

REQUIREMENTS = "requirements.txt"
# What any door may come to need: a line, a relay board or a panel is then a change of the configuration alone.
EXTRAS = ("gpio", "serial", "osdp")
# The oldest and the newest C library that the wheels may ask for: that of Ubuntu 22.04 is the oldest supported.
OLDEST_GLIBC, NEWEST_GLIBC = 17, 35
_HEAD = re.compile(r"# Python (\d+\.\d+), (\w+)\n")
ONLINE = (
    "Is this machine online? Without a network, prepare a folder with scripts/wheelhouse on another one, see README"
)


@dataclass(frozen=True)
class Target:
    """The machine that the packages are for: `python` as 3.11, `machine` as `uname -m` says it."""

    python: str
    machine: str

    def __str__(self) -> str:
        return f"Python {self.python}, {self.machine}"


def this_target() -> Target:
    return Target(f"{sys.version_info[0]}.{sys.version_info[1]}", platform.machine())


def gather(source: Path, folder: Path, *, target: Target, extras: Sequence[str] = EXTRAS) -> None:
    """Fill `folder` with the wheels for `target`: the product's, built from `source`, and those of its lock file.

    The requirements, with their hashes, come last: a folder without them is not finished. Raises Trouble.
    """
    if not (source / "uv.lock").is_file():
        raise Trouble(f"{source}: no uv.lock; run this from an unpacked release or a clone of the repository")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".tools-") as place:
        tools = Path(place) / "bin"
        run(sys.executable, "-m", "venv", place, because="Is python3-venv installed?")
        run(tools / "pip", "install", "--quiet", "--disable-pip-version-check", "uv", "packaging", because=ONLINE)
        wanted = _wanted(source, tools, target=target, extras=extras)
        build = ("build", "--quiet", "--no-cache", "--wheel", "--python", sys.executable, "--out-dir", folder, source)
        run(tools / "uv", *build, because=ONLINE)
        draft = folder / f"{REQUIREMENTS}.partial"
        draft.write_text(f"# {target}\n{wanted}", encoding="ascii")
        fetch = ("download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:")
        run(tools / "pip", *fetch, "--require-hashes", *_tags(target), "-r", draft, "-d", folder, because=ONLINE)
    os.replace(draft, folder / REQUIREMENTS)


def check(folder: Path) -> Path:
    """The product's wheel in a folder that is whole and meant for this machine. Raises Trouble."""
    try:
        head = _HEAD.match((folder / REQUIREMENTS).read_text(encoding="ascii"))
    except OSError as error:
        raise Trouble(f"{folder}: not a finished folder of packages; make one with scripts/wheelhouse") from error
    if head is None or Target(*head.groups()) != this_target():
        made_for = Target(*head.groups()) if head else "another release"
        python, machine = this_target().python, this_target().machine
        raise Trouble(
            f"{folder}: made for {made_for}, and this is {this_target()}: make it anew with "
            f"scripts/wheelhouse DIR --python {python} --machine {machine}"
        )
    wheels = sorted(folder.glob("auther_embedded-*.whl"))
    if len(wheels) != 1:
        raise Trouble(
            f"{folder}: expected one auther_embedded-*.whl, found {len(wheels)}; make it anew, in a new folder"
        )
    return wheels[0]


def _wanted(source: Path, tools: Path, *, target: Target, extras: Sequence[str]) -> str:
    chosen = [word for extra in extras for word in ("--extra", extra)]
    words = ("export", "--quiet", "--no-cache", "--locked", "--no-dev", "--no-emit-project", "--python", sys.executable)
    exported = run(tools / "uv", *words, *chosen, "--project", source)
    program = Path(__file__).with_name("markers.py")
    command = [str(word) for word in (tools / "python", program, target.python, target.machine)]
    return subprocess.run(command, input=exported, stdout=subprocess.PIPE, text=True, check=True).stdout


def _tags(target: Target) -> list[str]:
    """How pip is told of another machine than this one."""
    if target == this_target():
        return []
    platforms = [f"manylinux_2_{minor}_{target.machine}" for minor in range(NEWEST_GLIBC, OLDEST_GLIBC - 1, -1)]
    abi = f"cp{target.python.replace('.', '')}"
    named = [("--platform", one) for one in (*platforms, f"manylinux2014_{target.machine}")]
    named += [("--abi", one) for one in (abi, "abi3", "none")]
    return ["--python-version", target.python, "--implementation", "cp", *(word for pair in named for word in pair)]
