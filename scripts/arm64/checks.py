"""The checks of `check-arm64`: each runs something on an emulated processor and says in words what came of it."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from models.manifest import load_manifest
from scripts.arm64.fetch import ROOT
from scripts.arm64.play_recordings import RECORDINGS
from scripts.arm64.programs import CheckFailed
from scripts.arm64.workbench import PLAY_RECORDINGS, RUN_NETWORKS, Workbench

MOST_DIFFERENCE = 1e-3
# Back ends that a terminal may go without: mediapipe's aarch64 wheels stop on a Cortex-A72 ("compiled with lse
# enabled"), PyGObject and Picamera2 come with the system of a board and run in its Python.
MAY_BE_ABSENT = frozenset({"mediapipe", "gi", "picamera2"})
STORE_TESTS = ("test_store.py", "test_backup.py", "test_erasure.py")
OSDP_TESTS = ("test_osdp_reader.py",)
API_TESTS = ("test_pictures.py", "test_keys_of_calls.py", "test_signatures.py")

Check = Callable[[Workbench, str], Iterator[str]]


def imports(bench: Workbench, cpu: str) -> Iterator[str]:
    """Every module of every room can be imported."""
    told = json.loads(bench.run(cpu, "-m", "scripts.arm64.walk_imports"))
    absent = {name: package for name, package in told["absent"].items() if package not in MAY_BE_ABSENT}
    if absent or told["failed"]:
        raise CheckFailed(f"can't be imported: {told['failed'] | absent}")
    without = ", ".join(f"{name} (no {package})" for name, package in told["absent"].items())
    yield f"{told['imported']} modules" + (f", but not {without}" if without else "")


def networks(bench: Workbench, cpu: str) -> Iterator[str]:
    """Every network gives what it gives on this machine."""
    target = bench.scratch() / "outputs.npz"
    bench.run(cpu, "-m", RUN_NETWORKS, str(bench.inputs), str(target))
    found, expected = np.load(target), np.load(bench.networks)
    manifest = load_manifest()
    for spec in manifest.networks:
        names = [f"{spec.id}/{output}" for output in spec.outputs]
        apart = max(largest_difference(found[name], expected[name]) for name in names)
        words = f"{spec.id}: largest difference {apart:.1e}"
        if spec.id == manifest.embedder.id:
            # Int8 kernels round differently where the processor has dot products; its outputs are compared by cosine.
            apart = max(cosine_distance(found[name], expected[name]) for name in names)
            words += f", 1 - cosine {apart:.1e}"
        if not apart <= MOST_DIFFERENCE:
            raise CheckFailed(f"{words}; expected at most {MOST_DIFFERENCE:.0e}")
        yield words


def largest_difference(found: np.ndarray, expected: np.ndarray) -> float:
    """Of any output for any picture; NaN if any is no number."""
    return float(np.abs(found - expected).max())


def cosine_distance(found: np.ndarray, expected: np.ndarray) -> float:
    """1 minus the least cosine between the two embeddings of a picture, one a row."""
    one, other = found.astype(np.float64), expected.astype(np.float64)
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(1 - ((one * other).sum(axis=1) / lengths).min())


def store(bench: Workbench, cpu: str) -> Iterator[str]:
    """The store's own tests: create, enrol, erase, open again, back up and restore."""
    yield run_tests(bench, cpu, STORE_TESTS)


def osdp(bench: Workbench, cpu: str) -> Iterator[str]:
    """The OSDP reader's own tests: libosdp on arm64 against another author's panel on this machine."""
    yield run_tests(bench, cpu, OSDP_TESTS)


def api(bench: Workbench, cpu: str) -> Iterator[str]:
    """Tests of pictures, keys and signatures, over HTTP: what decodes, parses and reckons in C is another here."""
    yield run_tests(bench, cpu, API_TESTS)


def run_tests(bench: Workbench, cpu: str, names: tuple[str, ...]) -> str:
    files = [str(test_file(name).relative_to(ROOT)) for name in names]
    told = bench.run(cpu, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files)
    return f"{told.strip().splitlines()[-1]} of {', '.join(files)}"


def test_file(name: str) -> Path:
    """The one test file of this name. Raises CheckFailed."""
    found = list((ROOT / "tests").rglob(name))
    if len(found) != 1:
        raise CheckFailed(f"{name}: expected one such file below tests/, found {len(found)}")
    return found[0]


def pipeline(bench: Workbench, cpu: str) -> Iterator[str]:
    """Recordings of five frames end in the decision that they end in on this machine, which is the right one."""
    printed = bench.run(cpu, "-m", PLAY_RECORDINGS, str(bench.recordings), str(bench.scratch()))
    found, expected = json.loads(printed), json.loads(bench.decisions)
    for recording in RECORDINGS:
        mine, other = found[recording.name], expected[recording.name]
        if [decision["reason"] for decision in mine] != [recording.reason] or outcomes(mine) != outcomes(other):
            raise CheckFailed(f"{recording.name}: {mine}; expected one {recording.reason}, and as here: {other}")
        scores = f"score {mine[0]['score']:.4f}, here {other[0]['score']:.4f}"
        yield f"{recording.name}: {recording.reason} at frame {mine[0]['frame'] + 1}; {scores}"


def outcomes(decisions: list[Mapping[str, object]]) -> list[tuple[object, ...]]:
    """What must be the same on every processor."""
    return [(decision["frame"], decision["reason"], decision["person"]) for decision in decisions]


CHECKS: tuple[Check, ...] = (imports, networks, store, osdp, api, pipeline)
