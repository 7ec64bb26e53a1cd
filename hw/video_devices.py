"""The cameras that Linux knows, by the numbers of their device files."""

from pathlib import Path

KNOWN = Path("/sys/class/video4linux")


def video_devices(known: Path = KNOWN) -> dict[int, str]:
    """Names by number: 0 is /dev/video0. A camera's further nodes (metadata, other formats) are left out."""
    found = {}
    for folder in known.glob("video*"):
        number = folder.name.removeprefix("video")
        if number.isdigit() and _text(folder / "index") in ("0", ""):
            found[int(number)] = _text(folder / "name") or "unnamed"
    return dict(sorted(found.items()))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
