"""The folder of packages: what holds where, and that the lock file has a wheel for each machine that is promised."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from appliance import wheelhouse
from appliance.errors import Trouble
from appliance.markers import for_target
from appliance.wheelhouse import EXTRAS, REQUIREMENTS, this_target
from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent.parent.parent
EXPORTED = """\
# a comment
numpy==2.2.6 ; python_full_version < '3.11' \\
    --hash=sha256:aa \\
    --hash=sha256:bb
numpy==2.4.6 ; python_full_version >= '3.11' \\
    --hash=sha256:cc
odd==1 ; platform_machine == 'aarch64' \\
    --hash=sha256:dd
    # via something
"""


def test_markers_are_those_of_the_target() -> None:
    old = list(for_target(EXPORTED, python="3.10", machine="x86_64"))
    assert old == ["numpy==2.2.6 --hash=sha256:aa --hash=sha256:bb"]
    new = list(for_target(EXPORTED, python="3.13", machine="aarch64"))
    assert new == ["numpy==2.4.6 --hash=sha256:cc", "odd==1 --hash=sha256:dd"]


def test_a_folder_for_another_machine_is_told(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="not a finished folder"):
        wheelhouse.check(tmp_path)
    (tmp_path / REQUIREMENTS).write_text("# Python 2.7, sparc\n")
    with pytest.raises(Trouble, match=r"made for Python 2\.7, sparc, and this is Python 3"):
        wheelhouse.check(tmp_path)
    (tmp_path / REQUIREMENTS).write_text(f"# {this_target()}\n")
    with pytest.raises(Trouble, match="expected one auther_embedded"):
        wheelhouse.check(tmp_path)
    wheel = tmp_path / "auther_embedded-1.0-py3-none-any.whl"
    wheel.touch()
    assert wheelhouse.check(tmp_path) == wheel


def test_a_folder_without_a_lock_file_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="unpacked release"):
        wheelhouse.gather(tmp_path, tmp_path / "wheels", target=this_target())


@pytest.fixture(scope="module")
def exported() -> str:
    uv = shutil.which("uv") or str(ROOT / ".venv-uv/bin/uv")
    extras = [word for extra in EXTRAS for word in ("--extra", extra)]
    command = [uv, "export", "--quiet", "--locked", "--offline", "--no-dev", "--no-emit-project", *extras]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def locked() -> dict[tuple[str, str], list[str]]:
    """The wheels' names of each locked package by its name and version."""
    document: dict[str, Any] = tomllib.loads((ROOT / "uv.lock").read_text())
    return {
        (one["name"], one["version"]): [wheel["url"].rpartition("/")[2] for wheel in one.get("wheels", [])]
        for one in document["package"]
        if "version" in one
    }


@pytest.mark.parametrize("machine", ["aarch64", "x86_64"])
@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13"])
def test_every_package_is_locked_as_a_wheel(
    exported: str, locked: dict[tuple[str, str], list[str]], python: str, machine: str
) -> None:
    tags = set(_tags(python, machine))
    wanted = [Requirement(line.split(" --hash")[0]) for line in for_target(exported, python=python, machine=machine)]
    assert len(wanted) > 15
    for requirement in wanted:
        version = next(iter(requirement.specifier)).version
        wheels = locked[canonicalize_name(requirement.name), version]
        assert any(parse_wheel_filename(wheel)[3] & tags for wheel in wheels), (requirement, wheels)


def _tags(python: str, machine: str) -> list[Tag]:
    """What a terminal with the oldest C library that is supported (Ubuntu 22.04's, 2.35) takes."""
    version = (3, int(python.partition(".")[2]))
    platforms = [*(f"manylinux_2_{minor}_{machine}" for minor in range(35, 16, -1)), f"manylinux2014_{machine}"]
    return [*cpython_tags(version, platforms=platforms), *compatible_tags(version, platforms=platforms)]
