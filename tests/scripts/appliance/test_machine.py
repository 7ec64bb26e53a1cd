"""What an installer is told on machines that don't suit."""

from dataclasses import replace
from pathlib import Path

import pytest
from appliance.errors import Trouble
from appliance.machine import Machine, camera_packages, check, this_machine

BOOKWORM = {"ID": "debian", "VERSION_ID": "12", "PRETTY_NAME": "Debian GNU/Linux 12 (bookworm)"}
PI = Machine(user=0, system=BOOKWORM, processor="aarch64", bits=64, python=(3, 11), free_bytes=10**10, has_systemd=True)


@pytest.mark.parametrize(
    "system",
    [
        BOOKWORM,
        {"ID": "debian", "VERSION_ID": "13"},
        {"ID": "debian", "PRETTY_NAME": "Debian testing"},
        {"ID": "ubuntu", "VERSION_ID": "22.04", "ID_LIKE": "debian"},
        {"ID": "linuxmint", "VERSION_ID": "21", "ID_LIKE": "ubuntu debian"},
    ],
)
@pytest.mark.parametrize("python", [(3, 10), (3, 13)])
def test_suitable(system: dict[str, str], python: tuple[int, int]) -> None:
    check(replace(PI, system=system, python=python))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"user": 1000}, "sudo"),
        ({"system": {"ID": "fedora", "PRETTY_NAME": "Fedora 40"}}, "this is Fedora 40"),
        ({"system": {"ID": "debian", "VERSION_ID": "11", "PRETTY_NAME": "Debian 11"}}, "this is Debian 11"),
        ({"system": {"ID": "ubuntu", "VERSION_ID": "20.04", "ID_LIKE": "debian"}}, "Ubuntu 22.04 or later"),
        ({"bits": 32}, "32-bit system on aarch64"),
        ({"processor": "armv7l", "bits": 32}, "Raspberry Pi OS \\(64-bit\\)"),
        ({"python": (3, 14)}, "python3 is 3.14; this release runs on 3.10 to 3.13"),
        ({"has_systemd": False}, "systemd is missing"),
        ({"free_bytes": 10**9}, "1,000 MB are free"),
    ],
)
def test_unsuitable(change: dict[str, object], words: str) -> None:
    with pytest.raises(Trouble, match=words):
        check(replace(PI, **change))  # type: ignore[arg-type]


def test_this_machine_is_read(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="os-release"):
        this_machine(tmp_path)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text('# comment\nID=ubuntu\nVERSION_ID="22.04"\n')
    assert this_machine(tmp_path).system == {"ID": "ubuntu", "VERSION_ID": "22.04"}


def test_camera_packages_come_from_the_board(tmp_path: Path) -> None:
    assert camera_packages(tmp_path) == ()
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/rpi-issue").touch()
    assert camera_packages(tmp_path) == ("python3-picamera2",)
    (tmp_path / "etc/rpi-issue").rename(tmp_path / "etc/nv_tegra_release")
    assert "python3-gi" in camera_packages(tmp_path)
