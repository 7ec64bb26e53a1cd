"""Programs whose failure is a finding of `check-arm64`."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.arm64.fetch import ROOT

# Many times what the slowest program took on a busy machine: only a hang is as long.
TIME_LIMIT_S = 1800


class CheckFailed(Exception):
    """A check did not come out as it should; the message says what was found and what was expected."""


def finished(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """A program's output. Raises CheckFailed with its last words if it ends badly or hangs."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=TIME_LIMIT_S
        )
    except subprocess.TimeoutExpired:
        raise CheckFailed(f"{Path(command[-1]).name}: not done after {TIME_LIMIT_S} s") from None
    if done.returncode != 0:
        words = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-12:]
        raise CheckFailed("\n    ".join((f"ended with status {done.returncode}:", *words)))
    return done.stdout
