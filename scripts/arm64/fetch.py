"""Debian packages and wheels for another processor, put into folders without installing anything on this machine."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Unavailable(Exception):
    """Something needed can't be had here; the message says what is missing and how to get it."""


def need(program: str, install: str) -> str:
    """The path of an installed program. Raises Unavailable, telling how to `install` it."""
    found = shutil.which(program)
    if found is None:
        raise Unavailable(f"{program} is not installed: {install}")
    return found


def run(command: Sequence[str], *, install: str = "it should be there") -> str:
    """A program's output. Raises Unavailable with its own last words, or with how to `install` it."""
    program = need(command[0], install)
    done = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise Unavailable(f"{' '.join(command[:3])} ... ended with status {done.returncode}: {' / '.join(words)}")
    return done.stdout


@contextmanager
def building(target: Path) -> Iterator[Path]:
    """A draft of a folder, which is there under its name once it is whole, or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{target.name}.", dir=target.parent) as name:
        draft = Path(name, "draft")
        draft.mkdir()
        yield draft
        if not target.exists():
            draft.rename(target)


def unpack(suite: str, packages: Sequence[str], folder: Path, members: Sequence[str], *options: str) -> None:
    """Unpack these members of Debian packages and of all that they depend on, running nothing of them.

    Apt checks the signatures with Debian's keyring. Raises Unavailable.
    """
    debian(suite, packages, folder, members, "--variant=extract", *options)


def debian(suite: str, packages: Sequence[str], folder: Path, members: Sequence[str], *options: str) -> None:
    """Put these members of a root that mmdebstrap makes into a folder. Raises Unavailable."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        tar = Path(name, "packages.tar")
        words = ("--quiet", f"--include={','.join(packages)}", *options, suite, str(tar))
        run(("mmdebstrap", *words), install="apt-get install mmdebstrap (and debian-archive-keyring outside Debian)")
        run(("tar", "-x", "-f", str(tar), "-C", str(folder), *members), install="apt-get install tar")


def lock(*words: str) -> str:
    """The lock file's packages as requirements. Raises Unavailable."""
    return run((uv(), "export", "--quiet", "--locked", "--no-header", "--no-emit-project", *words))


def install_wheels(folder: Path, target: Sequence[str], locked: str, *also: str, constraints: str) -> None:
    """Unpack locked wheels, checked against their hashes, and others in the constraints' versions.

    Raises Unavailable.
    """
    with tempfile.TemporaryDirectory() as name:
        requirements, versions = Path(name, "locked.txt"), Path(name, "versions.txt")
        requirements.write_text(locked, encoding="utf-8")
        versions.write_text(constraints, encoding="utf-8")
        # Away from the project, whose constraint names no version, as hashes demand of each.
        away = ("--directory", name, "--quiet", "--target", str(folder.resolve()), "--only-binary", ":all:", *target)
        command = (uv(), "pip", "install", *away)
        run((*command, "--no-deps", "--require-hashes", "-r", str(requirements)))
        run((*command, "-c", str(versions), *also))
        # The program runs from the repository; what it finds here is its own version.
        run((*command, "--no-deps", "--editable", str(ROOT)))


def uv() -> str:
    """As scripts/setup finds it. Raises Unavailable."""
    own = ROOT / ".venv-uv" / "bin" / "uv"
    found = shutil.which("uv") or (str(own) if own.exists() else None)
    if found is None:
        raise Unavailable("uv is not installed: run scripts/setup first")
    return found
