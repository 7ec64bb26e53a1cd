"""Takes what is secret out of texts that leave the terminal."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from daemon.config.settings import Settings
from daemon.config.shown import HIDDEN
from daemon.mqtt import secrets_file
from daemon.sharing import site_key
from daemon.sharing.setup import site_key_file
from daemon.storage import masterkey

SHORTEST = 4
_USERINFO = re.compile(r"(?<=://)[^/@\s]*@")


class Scrubber:
    """Replaces accounts in addresses, and every secret that this user can read, wherever they stand in a text."""

    def __init__(self, secrets: Iterator[str]) -> None:
        # The longest first, so that one that holds another does not keep half of itself.
        self._secrets = sorted({secret for secret in secrets if len(secret) >= SHORTEST}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return _USERINFO.sub(f"{HIDDEN}@", text)


def secrets_of(settings: Settings, environ: Mapping[str, str]) -> Iterator[str]:
    """What stands in the files, credentials and variables that the configuration's secrets come from."""
    for name in (masterkey.VARIABLE, masterkey.VARIABLE + "_NEXT"):
        if value := environ.get(name):
            yield value
    master = settings.storage.key_file or settings.storage.folder / "master.key"
    files = [settings.mqtt.password_file, settings.mqtt.command_key_file, master, site_key_file(settings)]
    if folder := environ.get("CREDENTIALS_DIRECTORY"):
        names = (
            masterkey.CREDENTIAL,
            secrets_file.PASSWORD_CREDENTIAL,
            secrets_file.COMMAND_KEY_CREDENTIAL,
            site_key.CREDENTIAL,
        )
        files += [Path(folder) / name for name in names]
    for file in files:
        yield from _lines(file)


def _lines(file: Path | None) -> Iterator[str]:
    if file is None:
        return
    try:
        yield from (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError):
        return
