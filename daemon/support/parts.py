"""What is looked at for a bundle; each part is a text, and one that can't be had says why."""

import json
import os
import platform
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import distributions
from pathlib import Path

from daemon.config.settings import Settings
from daemon.config.shown import shown
from daemon.doctor import examine
from daemon.doctor.port import ask
from daemon.errors import AutherError
from daemon.heat import read_heat
from daemon.timestamps import to_iso

UNIT = "auther-embedded.service"
LINES = 2000
COMMAND_SECONDS = 20.0

Part = Callable[[], str]


def parts(config: Path | None, settings: Settings | None) -> Mapping[str, Part]:
    """By the name of the file each becomes. `settings` None: the configuration is wrong; doctor.json tells how."""
    always: dict[str, Part] = {
        "versions.json": _versions,
        "machine.json": _machine,
        "doctor.json": lambda: _json([asdict(finding) for finding in examine(config)]),
        "journal.txt": lambda: _output("journalctl", "--no-pager", "-o", "short-iso", "-n", str(LINES), "-u", UNIT),
        "service.txt": lambda: _output("systemctl", "--no-pager", "status", UNIT),
    }
    if settings is None:
        return always
    folder = settings.storage.folder
    files = [] if config is None else [config]
    return {
        **always,
        "configuration.json": lambda: _json(shown(settings)),
        "health.json": lambda: _health(settings),
        "disk.json": lambda: _json(shutil.disk_usage(folder)._asdict()),
        "files.txt": lambda: _listing((*files, folder, *sorted(folder.rglob("*")))),
    }


def read(part: Part) -> str:
    """The text, or why there is none."""
    try:
        return part()
    except (AutherError, OSError, subprocess.SubprocessError) as error:
        return f"could not be had: {error}\n"


def _versions() -> str:
    packages = {found.metadata["Name"]: found.version for found in distributions()}
    model, release = Path("/proc/device-tree/model"), Path("/etc/os-release")
    return _json(
        {
            "python": platform.python_version(),
            "kernel": platform.release(),
            "machine": platform.machine(),
            "board": model.read_text(errors="replace").rstrip("\0") if model.exists() else None,
            "system": release.read_text(errors="replace").splitlines() if release.exists() else None,
            "packages": dict(sorted(packages.items())),
        }
    )


def _machine() -> str:
    return _json(
        {
            "processors": os.cpu_count(),
            "load": os.getloadavg(),
            "uptime_seconds": float(Path("/proc/uptime").read_text().split()[0]),
            "temperature_celsius": read_heat().celsius,
            "memory": Path("/proc/meminfo").read_text().splitlines()[:8],
        }
    )


def _health(settings: Settings) -> str:
    """As /health/ready answers, which needs no key."""
    api = settings.api
    return ask("/health/ready", host=api.host, port=api.port, tls=api.tls, request_id="support-bundle").text


def _listing(paths: Iterable[Path]) -> str:
    lines = []
    for path in paths:
        found = path.lstat()
        owner, size = f"{found.st_uid}:{found.st_gid}", f"{found.st_size:>12}"
        lines.append(f"{stat.filemode(found.st_mode)} {owner} {size} {to_iso(found.st_mtime)} {path}\n")
    return "".join(lines)


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, check=False, timeout=COMMAND_SECONDS)
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n"
