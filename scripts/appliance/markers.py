"""Which lines of an exported lock file hold on another machine: `python markers.py PYTHON MACHINE < all > some`.

A program of its own, since it needs PyPI's `packaging`, which a fresh system has not.
"""

import re
import sys
from collections.abc import Iterator

from packaging.requirements import Requirement


def for_target(exported: str, *, python: str, machine: str) -> Iterator[str]:
    """The requirements, with their hashes and without their markers, that hold for CPython `python` on Linux."""
    target = {
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
    }
    for line in re.sub(r"\\\n\s*", "", exported).splitlines():
        words, *hashes = re.split(r"\s+--hash=", line.partition("#")[0].strip())
        if not words:
            continue
        requirement = Requirement(words)
        if requirement.marker is None or requirement.marker.evaluate(target):
            yield " ".join([f"{requirement.name}{requirement.specifier}", *(f"--hash={one}" for one in hashes)])


if __name__ == "__main__":
    print("\n".join(for_target(sys.stdin.read(), python=sys.argv[1], machine=sys.argv[2])))
