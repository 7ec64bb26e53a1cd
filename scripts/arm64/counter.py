"""An emulator that counts instructions: Debian's has no plugins, so it is built from Debian's own source package."""

import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.arm64.fetch import building, debian
from scripts.arm64.programs import CheckFailed, finished
from scripts.arm64.sysroot import QEMU_SUITE, Sysroot

BUILD_PACKAGES = (
    *("dpkg-dev", "flex", "bison", "gcc", "libc6-dev", "libglib2.0-dev", "meson", "ninja-build", "pkgconf"),
    *("python3", "python3-pycotap", "python3-setuptools", "python3-venv", "xz-utils"),
)
# Run by mmdebstrap, with the folder of trixie's root as $1. The libraries come along: other releases have older ones.
SCRIPT = r"""
set -e
sed 's/^deb /deb-src /' "$1/etc/apt/sources.list" > "$1/etc/apt/sources.list.d/source.list"
export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
apt-get update -qq
mkdir "$1/build"
cd "$1/build"
apt-get source -qq --download-only qemu
unset APT_CONFIG
chroot "$1" sh -e -c '
    cd /build
    dpkg-source -x qemu_*.dsc qemu
    mkdir qemu/build
    cd qemu/build
    ../configure --target-list=aarch64-linux-user --without-default-features --enable-plugins \
        --disable-system --disable-tools --disable-docs --disable-install-blobs
    ninja qemu-aarch64 tests/tcg/plugins/libinsn.so
    mkdir /build/counter
    cp qemu-aarch64 tests/tcg/plugins/libinsn.so /build/counter/
    cp -L $(ldd qemu-aarch64 | grep -o "/lib[^ ]*") /build/counter/
    rm -rf /build/qemu'
"""
PROGRAM, PLUGIN, LOADER = "qemu-aarch64", "libinsn.so", "ld-linux-x86-64.so.2"
WARM, MORE = 2, 10


@dataclass(frozen=True)
class Counter:
    """The emulator of `sysroot` counts, by the plugin."""

    sysroot: Sysroot
    plugin: Path

    def instructions(self, cpu: str, network: Path) -> float:
        """How many instructions an inference takes: the difference of runs by their number. Raises CheckFailed."""
        return (self._total(cpu, network, WARM + MORE) - self._total(cpu, network, WARM)) / MORE

    def _total(self, cpu: str, network: Path, times: int) -> int:
        with tempfile.TemporaryDirectory() as name:
            told = Path(name, "told")
            options = ("-plugin", f"{self.plugin},inline=on", "-d", "plugin", "-D", str(told))
            words = ("-m", "scripts.arm64.invoke", str(network), str(times))
            # Python's hashes are random otherwise, and with them what it does.
            environment = {**self.sysroot.environment(), "PYTHONHASHSEED": "0"}
            finished(self.sysroot.command(cpu, *words, options=options), environment)
            total = re.search(r"total insns: (\d+)", told.read_text(encoding="utf-8"))
        if total is None:
            raise CheckFailed(f"{self.plugin.name}: told no number of instructions")
        return int(total[1])


def make_counter(sysroot: Sysroot, cache: Path) -> Counter:
    """Build the emulator where the cache has none, which takes some minutes and needs root. Raises Unavailable."""
    folder = cache / f"qemu-{QEMU_SUITE}-counting"
    if not folder.is_dir():
        with building(folder) as draft:
            debian(
                QEMU_SUITE, BUILD_PACKAGES, draft, ("./build/counter",), "--variant=apt", f"--customize-hook={SCRIPT}"
            )
    built = folder / "build" / "counter"
    emulator = (str(built / LOADER), "--library-path", str(built), str(built / PROGRAM))
    return Counter(replace(sysroot, emulator=emulator), built / PLUGIN)
