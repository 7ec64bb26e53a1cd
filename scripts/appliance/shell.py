"""Other programs, run by name; what they say is shown only when they fail."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from appliance.errors import Trouble
from appliance.places import ACCOUNT

LAST_LINES = 15
# A password or a proxy of the administrator's shell is none of the terminal's business, pip's own settings are.
KEPT = ("PATH", "LANG", "TERM", "HOME")


def run(*command: str | Path, because: str = "") -> str:
    """Standard output of a program that must succeed. Raises Trouble with its last lines and `because`."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise Trouble(f"{words[0]}: can't be run: {error.strerror}") from error
    if done.returncode != 0:
        said = "\n".join(f"    {line}" for line in (done.stdout + done.stderr).splitlines()[-LAST_LINES:])
        advice = f"\n{because}" if because else ""
        raise Trouble(f"this failed with status {done.returncode}: {' '.join(words)}\n{said}{advice}")
    return done.stdout


def succeeds(*command: str | Path) -> bool:
    """Whether a program ends well; what it says is dropped."""
    return status(*command) == 0


def status(*command: str | Path) -> int:
    """The exit status of a program whose words are dropped; 127 when there is no such program."""
    try:
        quiet = subprocess.DEVNULL
        return subprocess.run(
            [str(word) for word in command], check=False, stdin=quiet, stdout=quiet, stderr=quiet
        ).returncode
    except FileNotFoundError:
        return 127


def shown(*command: str | Path) -> int:
    """The exit status of a program that talks to the person at the keyboard itself."""
    return subprocess.run([str(word) for word in command], check=False).returncode


def as_account(command: Sequence[str | Path]) -> list[str | Path]:
    """The command as the terminal's own user, with that user's groups and a clean environment."""
    environment = [f"{name}={os.environ[name]}" for name in KEPT if name in os.environ]
    change = ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--init-groups"]
    return ["env", "-i", *environment, *change, "--", *command]
