"""Instructions of each network on emulated arm64 processors: the nearest to a board's timing without a board.

An instruction count is no time: it knows neither caches nor how many instructions a core runs at once. It tells how
networks and their variants compare with each other on one processor. Further files are counted besides the manifest's
networks: `scripts/build_models.py --keep-float DIR` writes the float32 embedder. Prints Markdown, in millions.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from models.manifest import INSTALLED_WEIGHTS, load_manifest
from scripts.arm64.counter import make_counter
from scripts.arm64.fetch import Unavailable
from scripts.arm64.programs import CheckFailed
from scripts.arm64.sysroot import CPUS, default_cache, make_sysroot


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", type=Path, nargs="*", metavar="FILE", help="a further .tflite file")
    parser.add_argument("--cpu", action="append", help=f"a processor that QEMU knows (default: {', '.join(CPUS)})")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where the emulator is kept (%(default)s)")
    options = parser.parse_args(argv)
    networks = [INSTALLED_WEIGHTS / spec.file for spec in load_manifest().networks] + options.networks
    cpus = options.cpu or CPUS
    try:
        counter = make_counter(make_sysroot(options.cache), options.cache)
        print(f"| millions of instructions an inference | {' | '.join(cpus)} |")
        print(f"|---|{'---|' * len(cpus)}", flush=True)
        for network in networks:
            counts = [f"{counter.instructions(cpu, network.resolve()) / 1e6:.1f}" for cpu in cpus]
            print(f"| {network.stem} | {' | '.join(counts)} |", flush=True)
    except (Unavailable, CheckFailed) as problem:
        sys.exit(f"bench: {problem}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
