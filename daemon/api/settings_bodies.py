"""What the calls on the configuration take and give."""

from typing import Annotated

from pydantic import Field, JsonValue

from daemon.api.bodies import Asked, Body
from daemon.config.described import Kind

Key = Annotated[str, Field(min_length=1, max_length=128, examples=["door.pulse_seconds"])]


class SettingBody(Body):
    """One key of the configuration."""

    name: Key
    value: Annotated[JsonValue, Field(description="As the file has it; a secret is `***`.")]
    default: JsonValue
    type: Kind
    choices: list[str]
    unit: str | None
    minimum: float | None
    maximum: float | None
    help: str
    needs_restart: bool
    secret: bool
    optional: bool
    fixed: Annotated[bool, Field(description="Only changed in the file, at the terminal.")]
    pending: Annotated[bool, Field(description="The file has another value than the terminal runs with.")]


class SettingsSection(Body):
    """A table of the file; one that is not `present` has no fields."""

    name: str
    help: str
    present: bool
    fields: list[SettingBody]


class SettingsBody(Body):
    """The whole configuration."""

    writable: Annotated[bool, Field(description="There is a file to change.")]
    sections: list[SettingsSection]


class SettingsChange(Asked):
    """What shall be different; null takes a key out of the file, so that its default holds."""

    changes: Annotated[
        dict[Key, JsonValue], Field(max_length=200, examples=[{"door.pulse_seconds": 5.0}, {"log.level": "debug"}])
    ]
    confirm: Annotated[bool, Field(description="Also what would lock out who makes the change.")] = False


class SettingsChanged(Body):
    """What is in the file now, and what of it holds only after a restart."""

    applied: list[str]
    needs_restart: list[str]
    warnings: list[str]


class Restarting(Body):
    """The terminal starts anew, with the configuration as it is in the file."""

    restarting: bool = True
