"""The configuration as a form: every key with its value, its kind and bounds, and what it means."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from daemon.config.settings import Settings
from daemon.config.shown import HIDDEN, hidden

Kind = Literal["boolean", "integer", "number", "text", "choice", "choices", "list", "table"]
Schema = Mapping[str, Any]

_UNITS = {
    "seconds": "s", "minutes": "min", "hours": "h", "days": "d", "px": "px", "deg": "°", "mm": "mm", "ms": "ms",
    "bytes": "bytes", "fps": "fps", "similarity": "%",
}  # fmt: skip
_KINDS: Mapping[str, Kind] = {"boolean": "boolean", "integer": "integer", "number": "number", "string": "text"}
# What a running terminal takes up at once.
LIVE = frozenset({"log.level"})


@dataclass(frozen=True)
class Field:
    """A key. `name` has dots, as in the file's tables; values are JSON's. `fixed`: only changed in the file itself."""

    name: str
    value: Any
    default: Any
    kind: Kind
    choices: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    help: str
    optional: bool
    fixed: bool

    @property
    def unit(self) -> str | None:
        return next((unit for end, unit in _UNITS.items() if re.search(rf"(^|[._]){end}$", self.name)), None)

    @property
    def secret(self) -> bool:
        return hidden(self.name.rpartition(".")[2]) or (isinstance(self.value, str) and f"{HIDDEN}@" in self.value)

    @property
    def needs_restart(self) -> bool:
        return self.name not in LIVE


@dataclass(frozen=True)
class FormSection:
    """A table of the file; `present` is false for one that is not in use."""

    name: str
    help: str
    present: bool
    fields: tuple[Field, ...]


def describe(shown: Mapping[str, Any]) -> tuple[FormSection, ...]:
    """Every section of these settings, as `shown` gives them: as JSON, secrets hidden."""
    schema = Settings.model_json_schema()
    return tuple(_sections(schema, schema["$defs"], shown, ""))


def _sections(section: Schema, definitions: Schema, values: Mapping[str, Any], path: str) -> Iterator[FormSection]:
    for name, field in section["properties"].items():
        variants = [] if "additionalProperties" in field else _variants(field, definitions)
        if not variants:
            continue
        table, value = f"{path}.{name}" if path else name, values.get(name)
        variant = _chosen(variants, value)
        own = tuple(_fields(variant, definitions, value, table)) if value is not None else ()
        yield FormSection(table, variant.get("description", ""), value is not None, own)
        if value is not None:
            yield from _sections(variant, definitions, value, table)


def _fields(section: Schema, definitions: Schema, values: Mapping[str, Any], table: str) -> Iterator[Field]:
    for name, field in section["properties"].items():
        if "additionalProperties" in field or not _variants(field, definitions):
            yield _field(f"{table}.{name}", field, values.get(name))


def _field(name: str, field: Schema, value: Any) -> Field:
    options = [option for option in field.get("anyOf", [field]) if option.get("type") != "null"]
    kind, choices = _kind(options)
    low = [option.get("minimum", option.get("exclusiveMinimum")) for option in options]
    high = [option.get("maximum", option.get("exclusiveMaximum")) for option in options]
    path = any(option.get("format") == "path" for option in options)
    return Field(
        name=name,
        value=value,
        default=field.get("default"),
        kind=kind,
        choices=choices,
        minimum=low[0] if len(options) == 1 else None,
        maximum=high[0] if len(options) == 1 else None,
        help=field.get("description", ""),
        optional=len(options) < len(field.get("anyOf", [field])),
        # A file's place is no business of who sits elsewhere, and another back end is another set of keys.
        fixed=path or kind == "table" or name.endswith(".backend"),
    )


def _kind(options: list[Schema]) -> tuple[Kind, tuple[str, ...]]:
    if len(options) > 1:
        plain = all(option.get("type") in _KINDS for option in options)
        return ("text" if plain else "table"), ()
    field = options[0]
    if "const" in field or "enum" in field:
        return "choice", tuple(map(str, field.get("enum", [field.get("const")])))
    if field.get("type") == "array":
        items = field.get("items", {})
        if "enum" in items or "const" in items:
            return "choices", tuple(items.get("enum", [items.get("const")]))
        return ("list" if items.get("type") == "string" else "table"), ()
    return _KINDS.get(field.get("type", ""), "table"), ()


def _variants(field: Schema, definitions: Schema) -> list[Schema]:
    """The sections that a field may hold: one, several back ends, or none for a plain value."""
    own = [definitions[field["$ref"].rpartition("/")[2]]] if "$ref" in field else []
    options = [*field.get("oneOf", []), *field.get("anyOf", [])]
    return [*own, *(variant for option in options for variant in _variants(option, definitions))]


def _chosen(variants: list[Schema], value: Any) -> Schema:
    """The back end that is in use."""
    backend = value.get("backend") if isinstance(value, Mapping) else None
    fitting = (one for one in variants if one["properties"].get("backend", {}).get("const") == backend)
    return next(fitting, variants[0])
