"""Writes the README's configuration reference from daemon/config; with --check only says whether it is current."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from daemon.config.settings import Settings

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN = "<!-- configuration reference: written by scripts/config_reference.py -->"
END = "<!-- end of the configuration reference -->"

Schema = dict[str, Any]


def main() -> int:
    """1 if --check finds the README out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if the README is not current")
    check = parser.parse_args().check
    text = README.read_text(encoding="utf-8")
    current = with_reference(text)
    if check and text != current:
        print("README.md: the configuration reference is not current; run scripts/config_reference.py", file=sys.stderr)
        return 1
    if not check:
        README.write_text(current, encoding="utf-8")
    return 0


def with_reference(text: str) -> str:
    """The README with the reference between its two markers."""
    before, found_begin, rest = text.partition(BEGIN)
    _, found_end, after = rest.partition(END)
    if not found_begin or not found_end:
        raise SystemExit(f"README.md: the lines {BEGIN!r} and {END!r} are missing")
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def reference() -> str:
    """One table a section; a back end that several sections share stands there once."""
    schema = Settings.model_json_schema()
    return "\n".join(_sections(schema, schema["$defs"], "", {}))


def _sections(section: Schema, definitions: Schema, path: str, shown: dict[str, str]) -> Iterator[str]:
    for name, field in section["properties"].items():
        for variant in _variants(field, definitions):
            table = (f"{path}.{name}" if path else name) + (".NAME" if "additionalProperties" in field else "")
            backend = variant["properties"].get("backend", {}).get("const")
            heading = f"`[{table}]`" + (f' with `backend = "{backend}"`' if backend else "")
            yield f"#### {heading}"
            absent = "Absent unless given." if "anyOf" in field and field.get("default") is None else ""
            meaning = " ".join(filter(None, (field.get("description"), absent, variant["description"])))
            yield f"\n{meaning}\n"
            if variant["title"] in shown:
                yield f"Keys: as for {shown[variant['title']]}.\n"
                continue
            keys = list(_table(variant, definitions))
            if keys:
                shown[variant["title"]] = heading
            yield from keys
            yield from _sections(variant, definitions, table, shown)


def _table(section: Schema, definitions: Schema) -> Iterator[str]:
    required = section.get("required", [])
    rows = [
        (name, field)
        for name, field in section["properties"].items()
        if name != "backend" and not _variants(field, definitions)
    ]
    if not rows:
        return
    yield "| key | value | default | meaning |\n|---|---|---|---|"
    for name, field in rows:
        default = "required" if name in required else _default(field.get("default"))
        yield f"| `{name}` | {_kind(field)} | {default} | {field.get('description', '')} |".replace("\n", " ")
    yield ""


def _variants(field: Schema, definitions: Schema) -> list[Schema]:
    """The sections that a field may hold: one, several back ends, or none for a plain value."""
    own = [definitions[field["$ref"].rpartition("/")[2]]] if "$ref" in field else []
    options = [*field.get("oneOf", []), *field.get("anyOf", [])]
    options += [field[key] for key in ("additionalProperties", "items") if isinstance(field.get(key), dict)]
    return [*own, *(variant for option in options for variant in _variants(option, definitions))]


def _default(value: object) -> str:
    return "none" if value is None else f"`{json.dumps(value, ensure_ascii=False)}`"


def _kind(field: Schema) -> str:
    """What a value may be, in words."""
    options = [option for option in field.get("anyOf", []) if option.get("type") != "null"]
    if options:
        return " or ".join(_kind(option) for option in options)
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    if "enum" in field:
        return " or ".join(f"`{json.dumps(value)}`" for value in field["enum"])
    if field.get("type") == "array":
        return f"list of {_kind(field['items']).replace(' or ', ', ')}"
    if field.get("type") == "object":
        return f"table of {_kind(field['additionalProperties'])}"
    words = {"boolean": "`true` or `false`", "integer": "whole number", "number": "number", "string": "text"}
    return f"{words[field['type']]}{_range(field)}"


def _range(field: Schema) -> str:
    low, above, high = field.get("minimum"), field.get("exclusiveMinimum"), field.get("maximum")
    if above is not None:
        return f" above {_plain(above)}" + ("" if high is None else f", at most {_plain(high)}")
    if low is None:
        return ""
    return f" from {_plain(low)}" + ("" if high is None else f" to {_plain(high)}")


def _plain(number: float) -> str:
    """Digits, also where Python would write an exponent."""
    return f"{number:f}".rstrip("0").rstrip(".")


if __name__ == "__main__":
    sys.exit(main())
