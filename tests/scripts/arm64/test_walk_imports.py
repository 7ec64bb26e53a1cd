import json
from pathlib import Path

import pytest

from scripts.arm64 import walk_imports


def test_what_each_module_lacks_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    room = tmp_path / "walked_room"
    (room / "within").mkdir(parents=True)
    for file, content in {
        "__init__.py": "",
        "whole.py": "",
        "within/__init__.py": "import no_such_package",
        "program.py": "try:\n import no_such_part\nexcept ImportError:\n raise SystemExit('install it') from None",
        "ending.py": "raise SystemExit('why')",
        "wrong.py": "raise OSError('invalid ELF header')",
    }.items():
        (room / file).write_text(content)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(walk_imports, "ROOMS", ("walked_room",))
    assert walk_imports.main() == 0
    assert json.loads(capsys.readouterr().out) == {
        "imported": 2,
        "absent": {"walked_room.within": "no_such_package", "walked_room.program": "no_such_part"},
        "failed": {
            "walked_room.ending": "ends at import: why",
            "walked_room.wrong": "OSError: invalid ELF header",
        },
    }
