"""Imports every module of every room, for `check-arm64`: prints as JSON how many came, and what the others lack."""

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator

ROOMS = ("hw", "models", "daemon")


def modules() -> Iterator[str]:
    """The names of the rooms and of all that is below them."""
    for room in ROOMS:
        yield room
        path = importlib.import_module(room).__path__
        # A package that can't be imported is told like a module: its own name comes out of the walk.
        yield from (found.name for found in pkgutil.walk_packages(path, f"{room}.", onerror=lambda _: None))


def main() -> int:
    imported, absent, failed = 0, {}, {}
    for name in modules():
        try:
            importlib.import_module(name)
            imported += 1
        except ModuleNotFoundError as error:
            absent[name] = error.name
        except SystemExit as refusal:
            # So does a program of its own that lacks a package of the system's Python.
            cause = refusal.__context__
            if isinstance(cause, ModuleNotFoundError):
                absent[name] = cause.name
            else:
                failed[name] = f"ends at import: {refusal}"
        except Exception as error:
            failed[name] = f"{type(error).__name__}: {error}"
    print(json.dumps({"imported": imported, "absent": absent, "failed": failed}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
