"""The README's configuration reference is the one that the code gives."""

import subprocess
import sys
from pathlib import Path

import pytest

from daemon.config.settings import Settings
from scripts.config_reference import BEGIN, END, README, reference, with_reference


def test_readme_is_current() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == with_reference(text), "run .venv/bin/python scripts/config_reference.py"


def test_check_finds_a_reference_out_of_date(tmp_path: Path) -> None:
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    copy = scripts / "config_reference.py"
    copy.write_text((README.parent / "scripts" / "config_reference.py").read_text())
    (tmp_path / "README.md").write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")

    def run(*words: str) -> int:
        return subprocess.run(
            [sys.executable, copy, *words], cwd=README.parent, env={"PYTHONPATH": str(README.parent)}, check=False
        ).returncode

    assert run("--check") == 1
    assert run() == 0
    assert run("--check") == 0
    text = (tmp_path / "README.md").read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")


def test_every_section_and_key_is_there() -> None:
    text = reference()
    for name, field in Settings.model_fields.items():
        assert f"[{name}]" in text
        for key in getattr(field.default, "model_fields_set", ()):
            assert key in text
    assert '`[door.strike]` with `backend = "gpiod"`' in text
    assert "| `pulse_seconds` | number from 0.1 to 60 | `3.0` | How long a grant unlocks the door. |" in text


def test_readme_without_markers_is_refused() -> None:
    with pytest.raises(SystemExit, match="missing"):
        with_reference("no markers")
