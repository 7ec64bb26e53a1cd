from pathlib import Path

import pytest

from scripts.arm64 import sysroot
from scripts.arm64.sysroot import Sysroot, forget, installed_emulator


def test_only_what_was_made_there_is_removed(tmp_path: Path) -> None:
    for name in ("sysroot-0123", "pycache-0123", "qemu-trixie", "photographs"):
        (tmp_path / name / "within").mkdir(parents=True)
    forget(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["photographs"]


@pytest.mark.parametrize(("version", "used"), [("7.2.18", False), ("9.2.0", False), ("10.0.13", True), ("11.1", True)])
def test_an_emulator_that_falsely_crashes_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, used: bool
) -> None:
    program = tmp_path / "qemu-aarch64"
    program.write_text(f"#!/bin/sh\necho 'qemu-aarch64 version {version} (Debian)'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert installed_emulator() == (program if used else None)


def test_programs_of_this_machine_inherit_no_wheels_of_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", "/elsewhere")
    environment = Sysroot(emulator=("qemu",), root=tmp_path, pycache=tmp_path / "pyc").environment()
    assert environment["PYTHONPATH"] == str(sysroot.ROOT)
    assert "PYTHONHOME" not in environment
