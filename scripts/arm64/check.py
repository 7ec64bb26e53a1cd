"""Runs the terminal on emulated arm64 processors: a line for each check, status 1 if one fails, 2 if none could run.

What this machine's own processor makes of the same networks and recordings is what is expected. Needs mmdebstrap, socat
and QEMU's user emulation 10 or newer: where `qemu-aarch64` is absent or older, Debian trixie's is unpacked into the
cache. The sysroot (Debian's Python for arm64 and the wheels of the lock file, 400 MB) is kept there too.
"""

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.arm64.checks import CHECKS, Check
from scripts.arm64.fetch import Unavailable, need
from scripts.arm64.material import prepare
from scripts.arm64.programs import CheckFailed
from scripts.arm64.sysroot import CPUS, default_cache, forget, make_sysroot
from scripts.arm64.workbench import Workbench


def main(argv: Sequence[str]) -> int:
    options = parser().parse_args(argv)
    started = time.monotonic()
    try:
        need("socat", "apt-get install socat")
        if options.fresh:
            forget(options.cache)
        with tempfile.TemporaryDirectory(prefix="auther-arm64-") as name:
            bench = prepare(make_sysroot(options.cache), Path(name))
            failures = run_all(bench, options.cpu or CPUS, chosen(options.only))
    except (Unavailable, CheckFailed) as problem:
        print(f"check-arm64: {problem}", file=sys.stderr)
        return 2
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    # The second figure tells what an idle machine would need.
    worked = f"{time.monotonic() - started:.0f} s in all, {used.ru_utime + used.ru_stime:.0f} s of processor time"
    print(f"{failures} failed; {worked}")
    return 1 if failures else 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="check-arm64", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cpu", action="append", help=f"a processor that QEMU knows (default: {', '.join(CPUS)})")
    parser.add_argument("--only", action="append", choices=[check.__name__ for check in CHECKS], help="run this check")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where the sysroot is kept (%(default)s)")
    parser.add_argument("--fresh", action="store_true", help="make the emulator and the sysroot anew")
    return parser


def chosen(names: Sequence[str] | None) -> list[Check]:
    return [check for check in CHECKS if not names or check.__name__ in names]


def run_all(bench: Workbench, cpus: Sequence[str], checks: Sequence[Check]) -> int:
    """Run the checks of each processor one after the other, the processors at once; the number that failed."""
    with ThreadPoolExecutor(len(cpus)) as pool:
        return sum(pool.map(lambda cpu: sum(not passes(bench, cpu, check) for check in checks), cpus))


def passes(bench: Workbench, cpu: str, check: Check) -> bool:
    """Run one check and print what came of it."""
    started = time.monotonic()
    try:
        for words in check(bench, cpu):
            say("ok", cpu, check, words, started)
    except CheckFailed as failure:
        say("FAILED", cpu, check, str(failure), started)
        return False
    return True


def say(verdict: str, cpu: str, check: Check, words: str, started: float) -> None:
    print(f"{verdict:6} {cpu}  {check.__name__:8} {time.monotonic() - started:4.0f} s  {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
