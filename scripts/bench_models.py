#!/usr/bin/env python3
"""Every network on every runtime that this machine can install, with one thread and two.

    uv run scripts/bench_models.py [--float DIR] [--runs 300] [--cache DIR] [--only litert]

LiteRT runs in this environment; tflite-runtime, which needs NumPy 1 and Python 3.11, in one that is made below the
cache folder. `--float` names the folder that `scripts/build_models.py --keep-float DIR` filled: the table then tells
the cosine of the quantised embedder's output to the float32 one's on the same input. Prints Markdown: median and 99th
percentile in milliseconds over single runs, median of the processor's time (of all threads; it tells what an idle
machine would need), size, agreement.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.manifest import INSTALLED_WEIGHTS, NetworkSpec, load_manifest, read_weights

FLOAT_EMBEDDER = "mobilefacenet_float32.tflite"  # as build_models.py calls it
HERE = Path(__file__).resolve().parent
RUNTIMES = ("litert", "tflite")
THREADS = (1, 2)
TFLITE_PACKAGES = ("tflite-runtime==2.14.0", "numpy<2")


@dataclass(frozen=True)
class Timing:
    """One network on one runtime."""

    network: str
    runtime: str
    threads: int
    median_ms: float
    p99_ms: float
    cpu_ms: float
    kilobytes: float
    agreement: float | None


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Time the installed networks.")
    parser.add_argument("--weights", type=Path, default=INSTALLED_WEIGHTS)
    parser.add_argument("--float", type=Path, dest="floats", help="folder with float32 networks to compare with")
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--only", choices=RUNTIMES, action="append")
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args(argv)
    rows = []
    for runtime in options.only or RUNTIMES:
        python = interpreter_for(runtime, options.cache)
        rows += timings(python, runtime, weights=options.weights, floats=options.floats, runs=options.runs)
    if options.as_json:
        print(json.dumps([vars(row) for row in rows]))
    else:
        print("\n".join(markdown(rows)))
    return 0


def default_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "auther-bench"


def interpreter_for(runtime: str, cache: Path) -> Path:
    """The Python that has this runtime; tflite-runtime's environment is made when it isn't there."""
    if runtime == "litert":
        return Path(sys.executable)
    environment = cache / "tflite-runtime"
    python = environment / "bin" / "python"
    if not python.exists():
        uv = shutil.which("uv") or sys.exit("bench_models: uv is missing; install it with: pip install uv")
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run([uv, "venv", "--quiet", "--python", "3.11", str(environment)], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *TFLITE_PACKAGES], check=True)
    return python


def timings(python: Path, runtime: str, *, weights: Path, floats: Path | None, runs: int) -> Iterator[Timing]:
    """Time every network of the manifest, each in a process of its own."""
    manifest = load_manifest(weights)
    for spec in manifest.networks:
        size = len(read_weights(weights, spec)) / 1024
        reference = floats / FLOAT_EMBEDDER if floats is not None and spec.id == manifest.embedder.id else None
        for threads in THREADS:
            command = [str(python), str(HERE / "bench_one_model.py"), runtime, str(weights / spec.file)]
            told = run(command, spec=spec, threads=threads, runs=runs, reference=reference)
            yield Timing(
                spec.id, runtime, threads, told["median"], told["p99"], told["cpu"], size, told.get("agreement")
            )


def run(command: list[str], *, spec: NetworkSpec, threads: int, runs: int, reference: Path | None) -> dict[str, float]:
    arguments = [str(threads), str(runs), str(spec.input.mean), str(spec.input.std)]
    if reference is not None:
        arguments.append(str(reference))
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"bench_models: {spec.file} failed:\n{done.stderr}")
    told: dict[str, float] = json.loads(done.stdout)
    return told


def markdown(rows: Sequence[Timing]) -> Iterator[str]:
    yield "| network | runtime | threads | median ms | p99 ms | CPU ms | KB | cosine to float32 |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in rows:
        agreement = "–" if row.agreement is None else f"{row.agreement:.4f}"
        yield (
            f"| {row.network} | {row.runtime} | {row.threads} | {row.median_ms:.2f} | {row.p99_ms:.2f}"
            f" | {row.cpu_ms:.2f} | {row.kilobytes:.0f} | {agreement} |"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
