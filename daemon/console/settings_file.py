"""The configuration file changed key by key: checked as it is at a start, its comments kept, replaced whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from daemon.config.settings import Settings, load, parse
from daemon.drafts import write_whole
from daemon.errors import ConfigError, StoreError
from daemon.filelock import locked

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class ConfigReadOnly(ConfigError):
    """The file can't be changed by this process."""


@dataclass(frozen=True)
class Changed:
    """The settings before and after, as the file holds them."""

    before: Settings
    after: Settings


class SettingsFile:
    """The file of a terminal; `path` is None where it runs on defaults."""

    def __init__(self, *, path: Path | None) -> None:
        self._path = path

    @property
    def exists(self) -> bool:
        """Whether there is a file to change."""
        return self._path is not None

    def read(self) -> Settings:
        """As the file is now, which may not be as the terminal runs. Raises ConfigError."""
        return Settings() if self._path is None else load(self._path)

    def preview(self, changes: Mapping[str, Any]) -> Changed:
        """What would come of `apply`; nothing is written. Raises as it does."""
        return self._changed(self._found(), changes)[0]

    def apply(self, changes: Mapping[str, Any]) -> Changed:
        """Set keys (names with dots, values as in JSON; None takes the key out, so that its default holds).

        Raises ConfigInvalid, and ConfigReadOnly where there is no file or it can't be written.
        """
        path = self._found()
        try:
            with locked(path.with_name(f".{path.name}.lock")):
                changed, text = self._changed(path, changes)
                write_whole(path, text.encode(), mode=path.stat().st_mode & 0o777)
        except (StoreError, OSError) as error:
            raise ConfigReadOnly(
                f"{path}: can't be written by the daemon ({error}); let its user write the folder, or change it there"
            ) from error
        return changed

    def _found(self) -> Path:
        if self._path is None:
            raise ConfigReadOnly("the terminal runs without a configuration file; make one, and start anew with it")
        return self._path.resolve()

    def _changed(self, path: Path, changes: Mapping[str, Any]) -> tuple[Changed, str]:
        before = load(path)
        try:
            document = tomlkit.parse(path.read_text(encoding="utf-8"))
            for name, value in changes.items():
                _set(document, name.split("."), value, before)
            text = document.as_string()
        except (TOMLKitError, OSError) as error:
            raise ConfigReadOnly(f"{path}: can't be changed key by key ({error}); change it at the terminal") from error
        return Changed(before, parse(tomlkit.parse(text).unwrap(), source=str(path))), text


def dangers(before: Settings, after: Settings) -> Sequence[tuple[str, str]]:
    """Which changes would lock out who makes them over the network, with what they would find."""
    found = {
        "api.enabled": before.api.enabled and not after.api.enabled,
        "console.enabled": before.console.enabled and not after.console.enabled,
        "api.host": before.api.host not in LOOPBACK and after.api.host in LOOPBACK,
        "api.port": before.api.port != after.api.port,
        "api.tls": before.api.tls != after.api.tls,
    }
    told = {
        "api.enabled": "the console is served by the API: it would be gone after the restart",
        "console.enabled": "this console would be gone after the restart",
        "api.host": "only the terminal itself could reach the console after the restart",
        "api.port": "the console would be at another address after the restart",
        "api.tls": "the console would be at another address after the restart",
    }
    return [(name, told[name]) for name, holds in found.items() if holds]


def _set(document: Any, names: Sequence[str], value: Any, settings: Any) -> None:
    """In the table that the names lead to, made where it is missing, with the back end that holds."""
    table, section = document, settings
    for name in names[:-1]:
        section = getattr(section, name)
        if name not in table:
            if value is None:
                return
            table[name] = tomlkit.table(is_super_table=name != names[-2])
        table = table[name]
    backend = getattr(section, "backend", None)
    if backend is not None and "backend" not in table:
        table["backend"] = backend
    if value is None:
        table.pop(names[-1], None)
        return
    table[names[-1]] = value
