"""The files of the pages: read once, known by their exact path, each with its type and the hash of its content."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).with_name("static")
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class Asset:
    """A file as it is sent; `tag` is the entity tag (RFC 9110, 8.8.3), made of its content."""

    content: bytes = field(repr=False)
    media_type: str
    tag: str


@dataclass(frozen=True)
class Assets:
    """All files by their path below the folder, with slashes. Nothing else can be asked for: no path leads out."""

    by_path: Mapping[str, Asset]

    @property
    def build(self) -> str:
        """Names this set of files: a page that was loaded from another one is out of date."""
        tags = "".join(f"{path}{asset.tag}" for path, asset in sorted(self.by_path.items()))
        return sha256(tags.encode()).hexdigest()[:16]


def packaged_assets(folder: Path = STATIC) -> Assets:
    """The files in the package that are of a known type."""
    found = (file for file in folder.rglob("*") if file.suffix in TYPES and file.is_file())
    return Assets({file.relative_to(folder).as_posix(): _read(file) for file in found})


def _read(file: Path) -> Asset:
    content = file.read_bytes()
    return Asset(content, TYPES[file.suffix], f'"{sha256(content).hexdigest()[:32]}"')
