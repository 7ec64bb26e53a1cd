"""Settings as a TOML file that a person can edit: every key with its meaning, and its default where it differs."""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

WIDTH = 100


def to_toml(settings: BaseModel) -> str:
    """A file that reads back as these settings. Keys without a value stand in it as comments."""
    return "\n".join(_tables(settings, "")) + "\n"


def _tables(section: BaseModel, path: str) -> Iterator[str]:
    fields = [(name, field, getattr(section, name)) for name, field in type(section).model_fields.items()]
    for name, field, value in fields:
        if not isinstance(value, BaseModel):
            yield from _key(name, field, value)
    for name, _, value in fields:
        if isinstance(value, BaseModel):
            table = f"{path}.{name}" if path else name
            yield ""
            yield from _comment(type(value).__doc__ or "")
            yield f"[{table}]"
            yield from _tables(value, table)


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
    # JSON's booleans, numbers and strings are TOML's too, but for DEL, which TOML wants escaped.
    text = json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")
