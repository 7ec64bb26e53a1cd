import subprocess
import sys
from pathlib import Path

ROUNDS = 105  # with two writers killed in each


def test_every_acknowledged_change_survives_kills_and_none_is_half_done(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "tests.daemon.crash_driver", str(tmp_path), str(ROUNDS), "1"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout == "210 kills; done meanwhile: backup, enrol, remove, replace, rotate, suspend\n"
