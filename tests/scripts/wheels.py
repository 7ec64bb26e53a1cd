"""Wheels of releases that don't exist yet, made of the one that does."""

import zipfile
from collections.abc import Mapping
from pathlib import Path


def variant(wheel: Path, version: str, folder: Path, *, edits: Mapping[str, tuple[str, str]] | None = None) -> Path:
    """The same release under another version; `edits` replace a text in a file, once. It lies in `folder`."""
    old = wheel.name.split("-")[1]
    made = folder / wheel.name.replace(f"-{old}-", f"-{version}-")
    left = dict(edits or {})
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename in left:
                before, after = left.pop(item.filename)
                assert content.count(before.encode()) == 1, (item.filename, before)
                content = content.replace(before.encode(), after.encode())
            name = item.filename.replace(f"auther_embedded-{old}.", f"auther_embedded-{version}.")
            if name.endswith(".dist-info/METADATA"):
                content = content.replace(f"\nVersion: {old}\n".encode(), f"\nVersion: {version}\n".encode(), 1)
            if name.endswith(".dist-info/RECORD"):
                content = _without_hashes(content.decode(), old, version)
            copy = zipfile.ZipInfo(name, item.date_time)
            copy.external_attr = item.external_attr
            target.writestr(copy, content)
    assert not left, f"not in the wheel: {left}"
    return made


def _without_hashes(record: str, old: str, version: str) -> bytes:
    names = [line.split(",")[0] for line in record.splitlines()]
    names = [name.replace(f"auther_embedded-{old}.", f"auther_embedded-{version}.") for name in names]
    return "".join(f"{name},,\n" for name in names).encode()
