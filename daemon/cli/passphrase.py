"""The passphrase of a backup: asked for, from a file or a systemd credential.

Never on the command line, which everybody can list.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from daemon.errors import BackupError

CREDENTIAL = "auther-backup-passphrase"
PASSPHRASE_FILE = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help=f"File whose first line is the passphrase [systemd's credential {CREDENTIAL}, else asked for].",
)


def passphrase(file: Path | None, *, twice: bool) -> str:
    """The first line of the file or credential, or what is typed (twice for a new one). Raises BackupError."""
    file = file or _credential(os.environ)
    if file is None:
        if not somebody_there():
            raise BackupError(
                "passphrase: nobody is there to type it; name a file with --passphrase-file, or for the nightly backup "
                f"put it into /etc/credstore/{CREDENTIAL} (mode 0600)"
            )
        return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=twice, err=True))
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{file}: the passphrase can't be read: {error}") from error
    if not lines or not lines[0]:
        raise BackupError(f"{file}: its first line is empty; expected the passphrase there")
    return lines[0]


def _credential(environ: Mapping[str, str]) -> Path | None:
    """systemd.exec(5), LoadCredential."""
    path = Path(environ.get("CREDENTIALS_DIRECTORY", "/nowhere")) / CREDENTIAL
    return path if path.exists() else None


def somebody_there() -> bool:
    """Whether standard input is a terminal."""
    return sys.stdin.isatty()
