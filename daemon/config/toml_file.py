"""Settings as a TOML file that a person can edit: every key with its meaning, and its default where it differs."""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

WIDTH = 100
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def to_toml(settings: BaseModel) -> str:
    """A file that reads back as these settings. Keys without a value stand in it as comments."""
    return "\n".join(_tables(settings, "")) + "\n"


def tables(values: Mapping[str, object]) -> str:
    """A file with these keys and tables alone, without comments."""
    return "\n".join(_plain(values, "")).lstrip("\n") + "\n"


def _plain(values: Mapping[str, object], path: str) -> Iterator[str]:
    for name, value in values.items():
        if not isinstance(value, Mapping):
            yield f"{_name(name)} = {_value(value)}"
    for name, value in values.items():
        if isinstance(value, Mapping):
            inner = f"{path}.{_name(name)}" if path else _name(name)
            if any(not isinstance(entry, Mapping) for entry in value.values()):
                yield from ("", f"[{inner}]")
            yield from _plain(value, inner)


def _tables(section: BaseModel, path: str) -> Iterator[str]:
    fields = [(name, field, getattr(section, name)) for name, field in type(section).model_fields.items()]
    for name, field, value in fields:
        if not _is_table(value):
            yield from _key(name, field, value)
    for name, _, value in fields:
        if _is_table(value):
            yield from _table(value, f"{path}.{name}" if path else name)


def _is_table(value: object) -> bool:
    return isinstance(value, BaseModel) or (
        isinstance(value, Mapping) and any(isinstance(entry, BaseModel) for entry in value.values())
    )


def _table(value: BaseModel | Mapping[str, BaseModel], path: str) -> Iterator[str]:
    """A section, or the sections that stand under names of the user's own."""
    if not isinstance(value, BaseModel):
        for name, section in value.items():
            yield from _table(section, f"{path}.{_name(name)}")
        return
    yield ""
    yield from _comment(type(value).__doc__ or "")
    yield f"[{path}]"
    yield from _tables(value, path)


def _key(name: str, field: FieldInfo, value: object) -> Iterator[str]:
    default = None if field.default is PydanticUndefined else field.default
    note = f" Default: {_value(default)}." if default is not None and default != value else ""
    yield from _comment(f"{field.description or ''}{note}")
    yield f"# {name} =" if value is None else f"{name} = {_value(value)}"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        text.strip(), WIDTH, initial_indent="# ", subsequent_indent="# ", break_long_words=False, break_on_hyphens=False
    )


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_value(item) for item in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_name(name)} = {_value(entry)}' for name, entry in value.items())}}}"
    # JSON's booleans, numbers and strings are TOML's too, but for DEL, which TOML wants escaped.
    text = json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")


def _name(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)
