"""The installer on a booted system: a real systemd in a container, whose disk is a layer over this machine's own.

AUTHER_INSTALL_ROOT names another system's root folder to put the layer over (scripts/check-install does), and
AUTHER_INSTALL_WHEELS a folder that scripts/wheelhouse has filled for it, to save the fetching.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest

from daemon.storage.schema import STEPS
from models.geometry import Image
from tests.scripts.wheels import variant

ROOT = Path(__file__).parent.parent.parent
BASE = Path(os.environ.get("AUTHER_INSTALL_ROOT", "/"))
NEEDED = ("systemd-nspawn", "mount")
LIMIT_SECONDS = 1500

pytestmark = [
    pytest.mark.needs_root,
    pytest.mark.skipif(
        os.geteuid() != 0 or any(shutil.which(name) is None for name in NEEDED),
        reason="needs root and systemd-nspawn: apt-get install systemd-container",
    ),
]

CONFIG = """\
[device]
id = "front-door"
[camera]
backend = "replay"
path = "/driver/film"
loop = true
fps = 2
[api]
enabled = false
"""
UNIT = """\
[Unit]
Description=The steps of appliance_guest.py
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
Environment=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin
ExecStart=/usr/bin/python3 -B /driver/appliance_guest.py
StandardOutput=file:/driver/log
StandardError=file:/driver/log
"""
# A later release's schema, and a daemon that dies at its start.
NEWER = ('\n)\n"""Step n', '\n    "CREATE TABLE later (one INTEGER)",\n)\n"""Step n')
START = "    tell = JsonLines() if as_json else _say_nothing\n"
BROKEN = (START, f'    raise click.ClickException("broken on purpose")\n{START}')


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory, grace_file: Path, astronaut: Image) -> Path:
    """What the guest finds as /driver: the source, four releases, pictures, a film and a configuration."""
    folder = tmp_path_factory.mktemp("driver")
    _gather(folder / "1.0.0")
    made = next((folder / "1.0.0").glob("auther_embedded-*.whl"))
    _release(folder, made, "1.1.0")
    _release(folder, made, "1.2.0", name="broken", edits={"daemon/cli/run.py": BROKEN})
    _release(folder, made, "1.3.0", edits={"daemon/storage/schema.py": NEWER})
    variant(made, "1.0.0", folder / "1.0.0")
    made.unlink()
    (folder / "source").mkdir()
    shutil.copytree(ROOT / "scripts", folder / "source/scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "film").mkdir()
    shutil.copy(grace_file, folder / "film/0.jpg")
    shutil.copy(grace_file, folder / "ada.jpg")
    cv2.imwrite(str(folder / "eileen.png"), cv2.resize(astronaut, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC))
    shutil.copy(Path(__file__).with_name("appliance_guest.py"), folder)
    (folder / "config.toml").write_text(CONFIG)
    folder.chmod(0o755)  # the terminal's user plays the film
    return folder


def _gather(folder: Path) -> None:
    """The packages, fetched, or those of AUTHER_INSTALL_WHEELS with the product's wheel made of this tree."""
    given = os.environ.get("AUTHER_INSTALL_WHEELS")
    if given is None:
        python = (BASE / "usr/bin/python3").readlink().name.removeprefix("python")
        command = [str(ROOT / "scripts/wheelhouse"), str(folder), "--python", python]
        subprocess.run(command, env=_system_path(), check=True, timeout=LIMIT_SECONDS)
        return
    shutil.copytree(given, folder, ignore=shutil.ignore_patterns("auther_embedded-*"))
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def _release(folder: Path, wheel: Path, version: str, *, name: str | None = None, edits: Any = None) -> None:
    place = folder / (name or version)
    shutil.copytree(wheel.parent, place, copy_function=os.link, ignore=lambda _, names: {wheel.name} & set(names))
    variant(wheel, version, place, edits=edits)


def _system_path() -> dict[str, str]:
    """The environment with the system's own Python in front, which is the guest's too."""
    return {**os.environ, "PATH": f"/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin:{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def layered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A root folder that may be written to without changing the one below."""
    place = tmp_path_factory.mktemp("layer")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6g", "tmpfs", place], check=True)
    root = place / "root"
    for name in ("upper", "work", "root"):
        (place / name).mkdir()
    options = f"lowerdir={BASE},upperdir={place / 'upper'},workdir={place / 'work'}"
    try:
        subprocess.run(["mount", "-t", "overlay", "-o", options, "overlay", root], check=True)
        yield root
    finally:
        subprocess.run(["umount", "--recursive", "--lazy", place], check=True)


@pytest.fixture(scope="module")
def seen(driver: Path, layered: Path) -> dict[str, Any]:
    """What the guest saw after each of its steps."""
    units = layered / "etc/systemd/system"
    (units / "appliance-guest.service").write_text(UNIT)
    (units / "appliance-guest.target").write_text(
        "[Unit]\nRequires=basic.target appliance-guest.service\nAfter=basic.target\nAllowIsolate=yes\n"
    )
    command = ["systemd-nspawn", "--quiet", "-D", layered, "--register=no", "--keep-unit", "--private-network"]
    command += [f"--bind={driver}:/driver", "--boot", "systemd.unit=appliance-guest.target", "systemd.firstboot=no"]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS
    )
    file = driver / "seen.json"
    assert file.exists(), f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
    found: dict[str, Any] = json.loads(file.read_text())
    assert "error" not in found, found["error"]
    return found


def test_first_installation_runs(seen: dict[str, Any]) -> None:
    first = seen["first"]
    assert (first["status"], first["active"], first["enabled"], first["runs"]) == (0, "active", "enabled", "1.0.0"), (
        first
    )
    assert "every key is right" in first["said"]
    assert "Auther Embedded 1.0.0 is installed and runs" in first["said"]
    assert "sudo auther enroll" in first["said"]


def test_command_reads_a_picture_in_a_closed_home(seen: dict[str, Any]) -> None:
    assert seen["enrolled"]["status"] == 0, seen["enrolled"]["said"]
    assert seen["enrolled"]["people"] == ["ada"]


def test_again_changes_nothing(seen: dict[str, Any]) -> None:
    again = seen["again"]
    assert (again["status"], again["runs"], again["previous"], again["releases"]) == (0, "1.0.0", None, 1), again
    assert again["people"] == ["ada"]


def test_killed_while_building_the_old_release_runs_on(seen: dict[str, Any]) -> None:
    for marker in ("making the release",):
        after = seen[f"killed: {marker}"]
        assert (after["active"], after["runs"], after["current"]) == ("active", "1.0.0", "1.0.0"), after


@pytest.mark.parametrize("marker", ["changing from", "auther doctor"])
def test_killed_while_changing_nobody_is_lost(seen: dict[str, Any], marker: str) -> None:
    after = seen[f"killed: {marker}"]
    assert after["people"] == ["ada"]
    assert after["enabled"] == "enabled"


def test_upgrade_after_kills(seen: dict[str, Any]) -> None:
    upgraded = seen["upgraded"]
    assert (upgraded["status"], upgraded["active"], upgraded["runs"]) == (0, "active", "1.1.0"), upgraded
    assert (upgraded["previous"], upgraded["releases"], upgraded["people"]) == ("1.0.0", 2, ["ada"])


def test_failed_upgrade_leaves_the_old_release_running(seen: dict[str, Any]) -> None:
    broken = seen["broken"]
    assert (broken["status"], broken["active"], broken["runs"]) == (1, "active", "1.1.0"), broken
    assert (broken["current"], broken["previous"], broken["people"]) == ("1.1.0", "1.0.0", ["ada"])
    assert "was put back and runs again" in broken["said"]


def test_configuration_that_the_new_release_refuses_stops_the_upgrade(seen: dict[str, Any]) -> None:
    refused = seen["refused configuration"]
    assert (refused["status"], refused["active"], refused["runs"]) == (1, "active", "1.1.0"), refused
    assert "nonsense: unknown key" in refused["said"]


def test_rollback_and_forth(seen: dict[str, Any]) -> None:
    once, twice = seen["rolled back"], seen["rolled back twice"]
    assert (once["status"], once["runs"], once["previous"], once["people"]) == (0, "1.0.0", "1.1.0", ["ada"]), once
    assert (twice["status"], twice["runs"], twice["previous"], twice["people"]) == (0, "1.1.0", "1.0.0", ["ada"]), twice


def test_rollback_behind_a_newer_schema_is_refused(seen: dict[str, Any]) -> None:
    assert seen["newer schema"]["runs"] == "1.3.0", seen["newer schema"]
    assert seen["enrolled later"]["people"] == ["ada", "eileen"]
    refused = seen["rollback refused"]
    assert (refused["status"], refused["active"], refused["runs"]) == (1, "active", "1.3.0"), refused
    assert f"people.db from {len(STEPS)} to {len(STEPS) + 1}" in refused["said"]
    assert "--restore-data" in refused["said"]


def test_rollback_with_the_data_of_before(seen: dict[str, Any]) -> None:
    after = seen["rollback with data"]
    assert (after["status"], after["active"], after["runs"]) == (0, "active", "1.1.0"), after
    assert after["people"] == ["ada"]


def test_removal_asks_or_is_told(seen: dict[str, Any]) -> None:
    assert seen["half removed"]["status"] == 1
    assert "--keep-data or --erase-data" in seen["half removed"]["said"]
    assert seen["half removed"]["active"] == "active"


def test_removal_keeps_the_people_for_the_next_installation(seen: dict[str, Any]) -> None:
    assert (seen["removed"]["status"], seen["removed"]["active"]) == (0, "inactive"), seen["removed"]
    assert (seen["back"]["status"], seen["back"]["people"]) == (0, ["ada"]), seen["back"]


def test_erasure_leaves_nothing(seen: dict[str, Any]) -> None:
    assert seen["erased"]["left"] == [], seen["erased"]


def test_without_a_camera_it_runs_and_says_what_is_wrong(seen: dict[str, Any]) -> None:
    without = seen["without a camera"]
    # It runs, since the camera is taken up whenever it comes.
    assert (without["status"], without["active"]) == (0, "active"), without
    assert 'id = "side-door"' in without["config"]
    assert "PROBLEM  camera" in without["said"]
    assert "is installed and runs" in without["said"]
