"""Releases: whole environments side by side, of which one is current and one is what a rollback goes back to.

A release counts only with its mark, which is written last, and it is changed by renaming a symbolic link: killed at
any moment, what was current is current still.
"""

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from appliance import wheelhouse
from appliance.durable import sync_all
from appliance.errors import Trouble
from appliance.places import SERVICE, Places
from appliance.shell import run

MARK = "release.json"
PROVEN = "proven"
LEFT = "schemas.json"


@dataclass(frozen=True)
class Release:
    """A finished environment; `sha256` is that of all it was made from."""

    path: Path
    version: str
    sha256: str

    @property
    def auther(self) -> Path:
        return self.path / "bin/auther"

    @property
    def share(self) -> Path:
        """What belongs to the release beside its packages: units and scripts."""
        return self.path / "share/auther-embedded"

    @property
    def proven(self) -> bool:
        """Whether it has once been seen to start."""
        return (self.path / PROVEN).exists()

    def prove(self) -> None:
        (self.path / PROVEN).touch()

    def leave(self, schemas: Mapping[str, int]) -> None:
        """Remember which versions of the databases, by file name, this release can read: those it leaves."""
        _write(self.path / LEFT, json.dumps(dict(schemas)))

    def left(self) -> Mapping[str, int] | None:
        """What `leave` has remembered; None where it never came to that."""
        try:
            found: dict[str, int] = json.loads((self.path / LEFT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found


def read(link: Path) -> Release | None:
    """The release that a link leads to; None where there is none, or not a finished one."""
    try:
        path = link.resolve(strict=True)
        mark = json.loads((path / MARK).read_text(encoding="utf-8"))
        return Release(path, mark["version"], mark["sha256"])
    except (OSError, ValueError, KeyError):
        return None


def build(places: Places, wheels: Path) -> Release:
    """Make a release of the packages in `wheels`, beside those there are. Raises Trouble.

    One that an interrupted installation has finished is taken as it is; the current one is made anew, to mend it.
    """
    wheel = wheelhouse.check(wheels)
    version = wheel.name.split("-")[1]
    made_of = hashlib.sha256(wheel.read_bytes())
    made_of.update((wheels / wheelhouse.REQUIREMENTS).read_bytes())
    finished = _finished(places, made_of.hexdigest())
    if finished is not None:
        return finished
    path = places.releases / f"{version}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    if path.exists():  # a clock that was set back
        shutil.rmtree(path)
    run(sys.executable, "-m", "venv", path, because="Is python3-venv installed?")
    pip = (path / "bin/python", "-m", "pip", "--isolated", "--disable-pip-version-check", "install", "--quiet")
    here = ("--no-index", "--no-deps", "--find-links", wheels)
    run(*pip, *here, "--require-hashes", "-r", wheels / wheelhouse.REQUIREMENTS)
    run(*pip, *here, wheel)
    release = Release(path, version, made_of.hexdigest())
    if not (release.share / "systemd" / SERVICE).is_file():
        raise Trouble(f"{wheel}: holds no systemd/{SERVICE}; make it from a whole clone or an unpacked release")
    run(release.auther, "models", "verify", because="The release was not made current; nothing else was changed.")
    _mark(release)
    return release


def point(link: Path, release: Release) -> None:
    """Make `link` lead to a release, in one step."""
    draft = link.with_name(f"{link.name}.partial")
    draft.unlink(missing_ok=True)
    draft.symlink_to(os.path.relpath(release.path, link.parent))
    os.replace(draft, link)
    sync_all(link.parent)


def clear(places: Places) -> None:
    """Remove what an interrupted installation has not finished."""
    shutil.rmtree(places.wheels, ignore_errors=True)
    for path in places.releases.glob("*"):
        if read(path) is None:
            shutil.rmtree(path)


def sweep(places: Places) -> None:
    """Remove also the finished releases that neither link leads to."""
    clear(places)
    kept = {found.path for found in (read(places.current), read(places.previous)) if found is not None}
    for path in places.releases.glob("*"):
        if path.resolve() not in kept:
            shutil.rmtree(path)


def _finished(places: Places, sha256: str) -> Release | None:
    current = read(places.current)
    found = (read(path) for path in places.releases.glob("*"))
    return next((one for one in found if one is not None and one.sha256 == sha256 and one != current), None)


def _mark(release: Release) -> None:
    sync_all(release.path)  # all of the environment before its mark, should the power fail
    _write(release.path / MARK, json.dumps({"version": release.version, "sha256": release.sha256}))


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.partial")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)
    sync_all(path.parent)


def need(link: Path, what: str) -> Release:
    """As `read`. Raises Trouble where there is none."""
    found = read(link)
    if found is None:
        raise Trouble(what)
    return found
