"""The wheel and the sdist: nothing is missing, they stay small, and plain pip installs them in an empty environment."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("daemon", "hw", "models")
APPLIANCE = ("systemd", "scripts/appliance", "scripts/auther", "scripts/rollback", "scripts/uninstall")
LARGEST_BYTES = 10_000_000


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of this tree."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def sdist(built: Path) -> Path:
    return next(built.glob("*.tar.gz"))


def tracked(*folders: str) -> set[str]:
    """The files of the repository below some folders."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *folders]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return {name for name in listed if (ROOT / name).exists()}


def test_they_are_small(wheel: Path, sdist: Path) -> None:
    assert wheel.stat().st_size < LARGEST_BYTES
    assert sdist.stat().st_size < LARGEST_BYTES


def test_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert tracked(*PACKAGES) <= names
    shared = {name.partition(".data/data/share/auther-embedded/")[2] for name in names}
    assert tracked(*APPLIANCE) <= shared
    foreign = {name.split("/")[0] for name in names} - set(PACKAGES)
    assert all(name.startswith("auther_embedded-") for name in foreign)


def test_sdist_holds_what_an_installation_needs(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = tracked(*PACKAGES, "systemd", "scripts")
    assert wanted | {"uv.lock", "pyproject.toml", "README.md", "LICENSE", "NOTICE", "CHANGELOG.md"} <= names


def test_sdist_builds_the_same_wheel(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extraction_filter = tarfile.data_filter
        archive.extractall(tmp_path)
    source = next(tmp_path.iterdir())
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    assert next(tmp_path.glob("*.whl")).read_bytes() == wheel.read_bytes()


def test_plain_pip_installs_it_anywhere(wheel: Path, tmp_path: Path, grace_file: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def run(*command: str | Path) -> str:
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=900
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run(sys.executable, "-m", "venv", tmp_path / "venv")
    run(tmp_path / "venv/bin/pip", "install", "--quiet", "--only-binary=:all:", f"{wheel}[gpio,serial,osdp]")
    auther = tmp_path / "venv/bin/auther"
    (tmp_path / "config.toml").write_text(f'[storage]\nfolder = "{tmp_path / "store"}"\n')
    with_config = (auther, "--config", tmp_path / "config.toml")
    assert "version" in run(auther, "--version")
    assert run(auther, "models", "verify").count("as the manifest says") == 4
    run(*with_config, "enroll", "grace", "--image", grace_file)
    assert run(*with_config, "identify", grace_file).startswith("grace: 100.0 % similar")
    run(tmp_path / "venv/bin/python", "-c", "import gpiod, serial, osdp")
