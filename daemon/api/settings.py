"""The configuration in the browser: /device/settings, /device/restart."""

from collections.abc import Callable, Mapping
from typing import Any

from daemon.api.failures import ApiError, Problem
from daemon.api.operations import Call, NoBody
from daemon.api.settings_bodies import (
    Restarting,
    SettingBody,
    SettingsBody,
    SettingsChange,
    SettingsChanged,
    SettingsSection,
)
from daemon.config.described import LIVE, describe
from daemon.config.described import Field as Key
from daemon.config.problems import ConfigInvalid
from daemon.config.settings import Settings
from daemon.config.shown import HIDDEN, shown
from daemon.console.settings_file import Changed, ConfigReadOnly, SettingsFile, dangers
from daemon.errors import ConfigError
from daemon.logs import reset_levels


class SettingsCalls:
    """Handlers of the calls on the configuration. `running` is what the terminal was started with."""

    def __init__(self, *, running: Settings, file: SettingsFile, restart: Callable[[], None]) -> None:
        self._running, self._file, self._restart = running, file, restart

    def show(self, _call: Call, _body: NoBody) -> SettingsBody:
        """Raises ApiError C_003 where somebody has spoilt the file."""
        running = _values(self._running)
        sections = [
            SettingsSection(
                name=section.name,
                help=section.help,
                present=section.present,
                fields=[_body_of(key, running.get(key.name, key).value) for key in section.fields],
            )
            for section in describe(shown(self._read()))
        ]
        return SettingsBody(writable=self._file.exists, sections=sections)

    def change(self, _call: Call, body: SettingsChange) -> SettingsChanged:
        """All of it or nothing. Raises ApiError R_002 with every problem, C_001, C_002, C_003."""
        changes = _checked(body.changes, _values(self._read()))
        try:
            changed = self._file.preview(changes) if changes else Changed(self._running, self._running)
            warnings = [f"{name}: {text}" for name, text in dangers(changed.before, changed.after)]
            if warnings and not body.confirm:
                raise ApiError("C_002", "; ".join(warnings))
            changed = self._file.apply(changes) if changes else changed
        except ConfigInvalid as error:
            problems = [Problem(one.key, one.message) for one in error.problems]
            raise ApiError("R_002", "; ".join(map(str, error.problems)), problems=problems) from None
        except ConfigReadOnly as error:
            raise ApiError("C_001", str(error)) from None
        if "log.level" in changes:
            reset_levels(changed.after.log.level)
        return SettingsChanged(applied=sorted(changes), needs_restart=sorted(set(changes) - LIVE), warnings=warnings)

    def restart(self, _call: Call, _body: NoBody) -> Restarting:
        """Raises ApiError C_003, and runs on, when the file is wrong."""
        try:
            self._restart()
        except ConfigError as error:
            raise ApiError("C_003", str(error)) from None
        return Restarting()

    def _read(self) -> Settings:
        try:
            return self._file.read()
        except ConfigError as error:
            raise ApiError("C_003", str(error)) from None


def _values(settings: Settings) -> Mapping[str, Key]:
    return {key.name: key for section in describe(shown(settings)) for key in section.fields}


def _checked(changes: Mapping[str, Any], keys: Mapping[str, Key]) -> dict[str, Any]:
    """The changes as they go into the file. Raises ApiError R_002 for keys that can't be changed from here."""
    problems = [
        Problem(name[:128], text) for name, value in changes.items() if (text := _refused(keys.get(name), value))
    ]
    if problems:
        told = "; ".join(f"{problem.field}: {problem.message}" for problem in problems)
        raise ApiError("R_002", told, problems=problems)
    return {name: _typed(keys[name], value) for name, value in changes.items()}


def _refused(key: Key | None, value: Any) -> str | None:
    if key is None:
        return "no such key, or one of a section that is not in use"
    if key.fixed:
        return "changed in the file at the terminal only"
    if isinstance(value, str) and HIDDEN in value:
        return "the secret was not filled in; leave the key out to keep it"
    if isinstance(value, dict) or (isinstance(value, list) and not all(isinstance(one, str) for one in value)):
        return "expected a plain value or a list of texts"
    return None


def _typed(key: Key, value: Any) -> Any:
    """A camera is a number or an address; a form sends either as text."""
    if key.name == "camera.source" and isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value[:9])
    return value


def _body_of(key: Key, running: Any) -> SettingBody:
    return SettingBody(
        name=key.name,
        value=key.value,
        default=key.default,
        type=key.kind,
        choices=list(key.choices),
        unit=key.unit,
        minimum=key.minimum,
        maximum=key.maximum,
        help=key.help,
        needs_restart=key.needs_restart,
        secret=key.secret,
        optional=key.optional,
        fixed=key.fixed,
        pending=key.value != running,
    )
