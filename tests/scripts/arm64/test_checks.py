"""What the checks of `check-arm64` judge; that the terminal passes them is for `scripts/check-arm64` itself to show."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.manifest import load_manifest
from scripts.arm64 import checks
from scripts.arm64.programs import CheckFailed

GRANTED: dict[str, object] = {"frame": 4, "reason": "granted", "person": "person", "score": 0.9}
UNKNOWN: dict[str, object] = {"frame": 4, "reason": "unknown", "person": None, "score": 0.1}


class Bench:
    """Answers as the programs on the emulated processor would."""

    def __init__(self, folder: Path, *, printed: object = None, decisions: object = None) -> None:
        self.folder = self.inputs = self.recordings = folder
        self.networks = folder / "expected.npz"
        self.decisions = json.dumps(decisions)
        self._printed = json.dumps(printed)
        self.outputs = {
            f"{spec.id}/{name}": np.ones((2, 4)) for spec in load_manifest().networks for name in spec.outputs
        }
        np.savez(self.networks, **self.outputs)

    def scratch(self) -> Path:
        return self.folder

    def run(self, cpu: str, *arguments: str) -> str:
        if arguments[1] == checks.RUN_NETWORKS:
            np.savez(arguments[-1], **self.outputs)
        return self._printed


def told(check: Any, bench: Bench) -> list[str]:
    words: Iterator[str] = check(bench, "cortex-a72")
    return list(words)


class TestImports:
    def test_tell_what_a_board_may_go_without(self, tmp_path: Path) -> None:
        found = {"imported": 7, "absent": {"models.mediapipe_detector": "mediapipe"}, "failed": {}}
        assert told(checks.imports, Bench(tmp_path, printed=found)) == [
            "7 modules, but not models.mediapipe_detector (no mediapipe)"
        ]

    @pytest.mark.parametrize(
        "problem", [{"absent": {"hw.lcus": "serial"}}, {"failed": {"hw.lcus": "OSError: invalid ELF header"}}]
    )
    def test_fail_for_anything_else(self, tmp_path: Path, problem: dict[str, object]) -> None:
        found = {"imported": 7, "absent": {}, "failed": {}} | problem
        with pytest.raises(CheckFailed, match=r"hw\.lcus"):
            told(checks.imports, Bench(tmp_path, printed=found))


class TestNetworks:
    def test_that_give_the_same_pass(self, tmp_path: Path) -> None:
        assert len(told(checks.networks, Bench(tmp_path))) == len(load_manifest().networks)

    @pytest.mark.parametrize("wrong", [1.002, float("nan")])
    def test_that_give_something_else_fail(self, tmp_path: Path, wrong: float) -> None:
        bench = Bench(tmp_path)
        (name, *_) = bench.outputs
        bench.outputs[name][1, 2] = wrong
        with pytest.raises(CheckFailed, match="at most 1e-03"):
            told(checks.networks, bench)

    @pytest.mark.parametrize(("turned", "passes"), [(1.05, True), (1.2, False), (float("nan"), False)])
    def test_embeddings_are_compared_by_cosine(self, tmp_path: Path, turned: float, passes: bool) -> None:
        bench = Bench(tmp_path)
        embedder = load_manifest().embedder
        bench.outputs[f"{embedder.id}/{embedder.outputs[0]}"][1, 2] = turned
        if passes:
            assert any("1 - cosine 2.3e-04" in words for words in told(checks.networks, bench))
        else:
            with pytest.raises(CheckFailed, match="1 - cosine"):
                told(checks.networks, bench)


class TestPipeline:
    def test_tells_the_decisions(self, tmp_path: Path) -> None:
        here = {"person": [GRANTED], "stranger": [UNKNOWN]}
        found = {"person": [GRANTED | {"score": 0.91}], "stranger": [UNKNOWN]}
        assert told(checks.pipeline, Bench(tmp_path, printed=found, decisions=here)) == [
            "person: granted at frame 5; score 0.9100, here 0.9000",
            "stranger: unknown at frame 5; score 0.1000, here 0.1000",
        ]

    @pytest.mark.parametrize("person", [[], [UNKNOWN], [GRANTED | {"frame": 3}], [GRANTED, GRANTED]])
    def test_fails_for_another_decision(self, tmp_path: Path, person: list[object]) -> None:
        here = {"person": [GRANTED], "stranger": [UNKNOWN]}
        found = {"person": person, "stranger": [UNKNOWN]}
        with pytest.raises(CheckFailed, match="person: "):
            told(checks.pipeline, Bench(tmp_path, printed=found, decisions=here))

    def test_fails_where_both_are_wrong_alike(self, tmp_path: Path) -> None:
        both = {"person": [UNKNOWN], "stranger": [UNKNOWN]}
        with pytest.raises(CheckFailed, match="expected one granted"):
            told(checks.pipeline, Bench(tmp_path, printed=both, decisions=both))


def test_every_test_that_is_run_there_is_there_once() -> None:
    for name in (*checks.STORE_TESTS, *checks.OSDP_TESTS, *checks.API_TESTS):
        assert checks.test_file(name).is_file()
    with pytest.raises(CheckFailed, match="found 0"):
        checks.test_file("test_of_nothing.py")
