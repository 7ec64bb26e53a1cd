"""Writes the parts into one file."""

import io
import os
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

from daemon.errors import SupportError
from daemon.support.parts import Part, read

INTRODUCTION = """What this terminal tells of itself for support.

It holds no key, password, template, picture, card or PIN; accounts in addresses and known secrets are replaced by ***.
journal.txt names people by their person_id where they were granted or enrolled, unless log.person_ids is false.
"""


def write_bundle(path: Path, parts: Mapping[str, Part], *, scrub: Callable[[str], str]) -> int:
    """Write a gzipped tar of mode 0600 and give its size in bytes. Raises SupportError; overwrites nothing."""
    folder = path.name.removesuffix(".gz").removesuffix(".tar")
    texts = {"README.txt": INTRODUCTION, **{name: scrub(read(part)) for name, part in parts.items()}}
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
            for name, text in texts.items():
                data = text.encode("utf-8", "replace")
                member = tarfile.TarInfo(f"{folder}/{name}")
                member.size, member.mode = len(data), 0o600
                archive.addfile(member, io.BytesIO(data))
        return path.stat().st_size
    except OSError as error:
        raise SupportError(f"{path}: can't be written: {error.strerror}; name another file") from error
