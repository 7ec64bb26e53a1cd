"""The passphrase of a backup: asked for, or from a file; never on the command line, which everybody can list."""

import sys
from pathlib import Path

import click

from daemon.errors import BackupError

PASSPHRASE_FILE = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File whose first line is the passphrase [asked for].",
)


def passphrase(file: Path | None, *, twice: bool) -> str:
    """The first line of the file, or what is typed (twice for a new one). Raises BackupError."""
    if file is None:
        if not somebody_there():
            raise BackupError("passphrase: nobody is there to type it; name a file with --passphrase-file")
        return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=twice, err=True))
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{file}: the passphrase can't be read: {error}") from error
    if not lines or not lines[0]:
        raise BackupError(f"{file}: its first line is empty; expected the passphrase there")
    return lines[0]


def somebody_there() -> bool:
    """Whether standard input is a terminal."""
    return sys.stdin.isatty()
