"""What is wrong with a configuration, key by key, in words for who wrote the file."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from daemon.errors import ConfigError

_NAMED = re.compile(r"([a-z_]+(?:\.[a-z_]+)*): (.+)", re.DOTALL)


@dataclass(frozen=True)
class KeyProblem:
    """`key` as it stands in the file, with dots; "" for what is wrong with the whole."""

    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.key}: {self.message}" if self.key else self.message


class ConfigInvalid(ConfigError):
    """A file of the right form with values that are not; `problems` are all of them."""

    def __init__(self, source: str, problems: Sequence[KeyProblem] = ()) -> None:
        lines = "".join(f"\n  {problem}" for problem in problems)
        super().__init__(f"{source}: {len(problems)} thing(s) to mend:{lines}")
        self.problems = tuple(problems)


def problems_of(error: ValidationError, data: dict[str, object]) -> Sequence[KeyProblem]:
    """Of the settings that `data`, a decoded file, did not become."""
    return [_problem(one, data) for one in error.errors(include_url=False)]


def _problem(problem: Any, data: dict[str, object]) -> KeyProblem:
    key = _key(problem["loc"], data)
    match problem["type"]:
        case "extra_forbidden":
            return KeyProblem(key, "unknown key; `auther config show` lists the known ones")
        case "missing":
            return KeyProblem(f"{key}.{problem['loc'][-1]}".lstrip("."), "missing")
        case "union_tag_invalid" | "union_tag_not_found":
            known = problem["ctx"].get("expected_tags", "the known back ends")
            return KeyProblem(f"{key}.backend", f"must be one of {known}")
        case "value_error":
            return _own(key, str(problem["ctx"]["error"]))
    return KeyProblem(key, f"{problem['msg']}, not {problem['input']!r}")


def _own(section: str, text: str) -> KeyProblem:
    """Of our own validators, whose messages begin with the key within their section, or tell of the key itself."""
    named = _NAMED.fullmatch(text)
    if named is None:
        return KeyProblem(section, text)
    return KeyProblem(f"{section}.{named[1]}" if section else named[1], named[2])


def _key(location: tuple[int | str, ...], data: Any) -> str:
    """The key as it stands in the file: a location also names the branches of unions, which nobody wrote."""
    parts = []
    for part in location:
        if part in data if isinstance(data, dict) else isinstance(data, list) and isinstance(part, int):
            data = data[part]
            parts.append(str(part))
    return ".".join(parts)
