"""Runs inside a booted system, as root, with its own Python: installs, upgrades, breaks and removes a terminal.

Writes what was seen after each step to /driver/seen.json; the assertions are in test_appliance.py.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

DRIVER = Path("/driver")
SOURCE = DRIVER / "source"
PROGRAM = Path("/opt/auther-embedded")
CONFIG = Path("/etc/auther-embedded/config.toml")
LIMIT_SECONDS = 600

seen: dict[str, Any] = {}


def call(*command: str) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=LIMIT_SECONDS
        )
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


def version(link: str) -> str | None:
    path = (PROGRAM / link).resolve()
    return path.name.rsplit("-", 1)[0] if (path / "release.json").exists() else None


def note(step: str, result: "subprocess.CompletedProcess[str] | None" = None) -> None:
    people = call("auther", "people", "--json")
    releases = sorted(path.name for path in (PROGRAM / "releases").glob("*"))
    seen[step] = {
        "status": None if result is None else result.returncode,
        "said": "" if result is None else result.stdout + result.stderr,
        "active": call("systemctl", "is-active", "auther-embedded").stdout.strip(),
        "enabled": call("systemctl", "is-enabled", "auther-embedded").stdout.strip(),
        "current": version("current"),
        "previous": version("previous"),
        "runs": running(),
        "releases": len(releases),
        "people": [one["person_id"] for one in json.loads(people.stdout)] if people.returncode == 0 else people.stderr,
    }
    (DRIVER / "seen.json").write_text(json.dumps(seen, indent=1))


def running() -> str | None:
    """The version whose program the service is running."""
    pid = call("systemctl", "show", "--property=MainPID", "--value", "auther-embedded").stdout.strip()
    if pid in ("", "0"):
        return None
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    found = next((Path(word) for word in words if word.endswith("/bin/auther")), None)
    return None if found is None else found.resolve().parent.parent.name.rsplit("-", 1)[0]


def install(name: str, *words: str) -> "subprocess.CompletedProcess[str]":
    return call(str(SOURCE / "scripts/install"), "--yes", "--no-apt", "--wheels", str(DRIVER / name), *words)


def killed(name: str, marker: str) -> None:
    """An installation that is killed as soon as it says `marker`."""
    command = [str(SOURCE / "scripts/install"), "--yes", "--no-apt", "--wheels", str(DRIVER / name)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    for line in process.stdout:
        if marker in line:
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def named_after_it() -> set[str]:
    """Every file and folder of the system whose name is the product's, but for logs."""
    found = call("find", "/etc", "/opt", "/usr", "/var", "-xdev", "-iname", "*auther*").stdout
    return {line for line in found.splitlines() if not line.startswith("/var/log")}


def steps() -> None:
    before = named_after_it()
    CONFIG.parent.mkdir()
    shutil.copy(DRIVER / "config.toml", CONFIG)
    note("first", install("1.0.0"))
    home = Path("/home/somebody")
    home.mkdir(mode=0o700, parents=True)
    shutil.copy(DRIVER / "ada.jpg", home / "ada.jpg")
    (home / "ada.jpg").chmod(0o600)
    note("enrolled", call("auther", "enroll", "ada", "--image", str(home / "ada.jpg")))
    note("again", install("1.0.0"))
    for marker in ("making the release", "changing from", "auther doctor"):
        killed("1.1.0", marker)
        note(f"killed: {marker}")
    note("upgraded", install("1.1.0"))
    note("broken", install("broken"))
    note("refused configuration", refused_configuration())
    note("rolled back", call("auther-rollback"))
    note("rolled back twice", call("auther-rollback"))
    note("newer schema", install("1.3.0"))
    note("enrolled later", call("auther", "enroll", "eileen", "--image", str(DRIVER / "eileen.png")))
    note("rollback refused", call("auther-rollback"))
    note("rollback with data", call("auther-rollback", "--restore-data"))
    note("half removed", call("auther-uninstall"))
    note("removed", call("auther-uninstall", "--keep-data"))
    note("back", install("1.0.0"))
    seen["erased"] = {
        "said": call("auther-uninstall", "--erase-data").stdout,
        "left": sorted(named_after_it() - before),
    }
    note("without a camera", install("1.0.0", "--device-id", "side-door"))
    seen["without a camera"]["config"] = CONFIG.read_text()


def refused_configuration() -> "subprocess.CompletedProcess[str]":
    """An upgrade whose configuration the new release would not take."""
    good = CONFIG.read_text()
    CONFIG.write_text(good + "[nonsense]\nkey = 1\n")
    try:
        return install("1.0.0")
    finally:
        CONFIG.write_text(good)


def main(run: Callable[[], None]) -> int:
    try:
        run()
    except Exception as error:
        seen["error"] = repr(error)
        return 1
    finally:
        (DRIVER / "seen.json").write_text(json.dumps(seen, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(steps))
