"""The broker's password and the key of signed commands, from systemd's credentials or from files."""

from collections.abc import Mapping
from pathlib import Path

from daemon.config.settings import Mqtt
from daemon.errors import ConfigError

PASSWORD_CREDENTIAL = "auther-mqtt-password"  # noqa: S105 - a name, not a secret
COMMAND_KEY_CREDENTIAL = "auther-mqtt-command-key"
MIN_KEY_LENGTH = 32


def password(settings: Mqtt, environ: Mapping[str, str]) -> str | None:
    """The account's password, if there is one. Raises ConfigError naming the file, never what stands in it."""
    return _first_line(_find(PASSWORD_CREDENTIAL, settings.password_file, environ), "mqtt.password_file")


def command_key(settings: Mqtt, environ: Mapping[str, str]) -> bytes | None:
    """The key that commands must be signed with; None when they need no signature. Raises ConfigError as above."""
    path = _find(COMMAND_KEY_CREDENTIAL, settings.command_key_file, environ)
    line = _first_line(path, "mqtt.command_key_file")
    if line is None:
        return None
    if len(line) < MIN_KEY_LENGTH:
        raise ConfigError(
            f"mqtt.command_key_file: {path}: the key has {len(line)} characters, at least {MIN_KEY_LENGTH} are needed;"
            " make one with `openssl rand -hex 32`"
        )
    return line.encode()


def _find(credential: str, file: Path | None, environ: Mapping[str, str]) -> Path | None:
    """systemd.exec(5), LoadCredential: the unit's credentials lie in `$CREDENTIALS_DIRECTORY`."""
    if folder := environ.get("CREDENTIALS_DIRECTORY"):
        path = Path(folder) / credential
        if path.exists():
            return path
    return file


def _first_line(path: Path | None, setting: str) -> str | None:
    if path is None:
        return None
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(f"{setting}: {path}: can't be read: {reason}; check that the daemon's user may") from None
    if not lines or not lines[0]:
        raise ConfigError(f"{setting}: {path}: expected the secret in the first line, which is empty")
    return lines[0]
