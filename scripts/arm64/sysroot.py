"""What `check-arm64` runs on: QEMU's user emulation, Debian's Python for arm64, and the wheels of the lock file."""

import hashlib
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.arm64.fetch import ROOT, building, install_wheels, lock, run, unpack

# The cores of a Raspberry Pi 4 and of a Raspberry Pi 5.
CPUS = ("cortex-a72", "cortex-a76")

SUITE, PYTHON = "bookworm", "3.11"
PACKAGES = ("python3", "libstdc++6", "libgcc-s1", "ca-certificates")
# Wheels for the suite's glibc or an older one.
TARGET = ("--python-platform", "aarch64-manylinux_2_36", "--python-version", PYTHON)
EXTRAS = ("gpio", "osdp", "serial")
# What the tests that run on the sysroot need besides.
TEST_PACKAGES = ("pytest", "hypothesis", "httpx")

# Bookworm's 7.2 stops LiteRT with an illegal instruction that real processors know; versions between were not tried.
QEMU_SUITE, LEAST_QEMU = "trixie", (10, 0)


@dataclass(frozen=True)
class Sysroot:
    """A Python for arm64 that runs here by emulation."""

    emulator: tuple[str, ...]
    root: Path
    pycache: Path

    def command(self, cpu: str, *arguments: str, options: Sequence[str] = ()) -> list[str]:
        """The command line that runs Python with these arguments on a processor, `options` being the emulator's."""
        python = self.root / "usr" / "bin" / f"python{PYTHON}"
        return [*self.emulator, "-cpu", cpu, "-L", str(self.root), *options, str(python), *arguments]

    def environment(self) -> dict[str, str]:
        """PYTHONPATH names the repository alone, as this machine's programs that a test starts inherit it."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return {**own, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": str(self.pycache)}


def default_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "auther-embedded"


def forget(cache: Path) -> None:
    """Remove what these scripts made there, and nothing else: a cache folder may be anybody's."""
    for kind in ("sysroot", "pycache", "qemu"):
        for folder in cache.glob(f"{kind}-*"):
            shutil.rmtree(folder, ignore_errors=True)


def make_sysroot(cache: Path) -> Sysroot:
    """The sysroot of the lock file as it is, made where the cache has none. Raises Unavailable."""
    emulator = installed_emulator() or fetched_emulator(cache)
    locked = lock("--no-dev", *(word for extra in EXTRAS for word in ("--extra", extra)))
    versions = lock("--group", "dev", "--no-hashes")
    recipe = "\n".join((SUITE, *PACKAGES, *TARGET, *TEST_PACKAGES, locked, versions))
    key = hashlib.sha256(recipe.encode()).hexdigest()[:12]
    root = cache / f"sysroot-{key}"
    if not root.is_dir():
        with building(root) as draft:
            # Not /dev and /tmp: what is in the sysroot hides this machine's.
            unpack(SUITE, PACKAGES, draft, ("./usr", "./lib", "./etc"), "--arch=arm64")
            wheels = draft / "usr" / "lib" / "python3" / "dist-packages"
            install_wheels(wheels, TARGET, locked, *TEST_PACKAGES, constraints=versions)
    return Sysroot(emulator=(str(emulator),), root=root, pycache=cache / f"pycache-{key}")


def installed_emulator() -> Path | None:
    """This machine's own qemu-aarch64, if it is new enough."""
    found = shutil.which("qemu-aarch64")
    version = re.search(r"version (\d+)\.(\d+)", run([found, "--version"])) if found else None
    if found is None or version is None:
        return None
    return Path(found) if (int(version[1]), int(version[2])) >= LEAST_QEMU else None


def fetched_emulator(cache: Path) -> Path:
    """Debian trixie's qemu-aarch64: one static file, which runs on other releases too. Raises Unavailable."""
    folder = cache / f"qemu-{QEMU_SUITE}"
    if not folder.is_dir():
        with building(folder) as draft:
            unpack(QEMU_SUITE, ("qemu-user",), draft, ("./usr/bin/qemu-aarch64",))
    return folder / "usr" / "bin" / "qemu-aarch64"
