"""The people's data before and after an upgrade: one archive of the folder, and whether an older release can read it.

Nothing else may write to the folder meanwhile: the service is stopped.
"""

import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timezone
from io import BytesIO
from pathlib import Path

from appliance.durable import exchange, sync_all
from appliance.errors import Trouble
from appliance.places import Places

SNAPSHOT = "before-upgrade.tar"
HEAD = "snapshot.json"


@dataclass(frozen=True)
class Snapshot:
    """The folder as release `release` left it."""

    path: Path
    release: str
    taken: str


def schemas(folder: Path) -> dict[str, int]:
    """The version of each database in a folder, by its file's name. Raises Trouble."""
    return {path.name: _schema(path) for path in sorted(folder.glob("*.db"))}


def _schema(path: Path) -> int:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.Error as error:
        raise Trouble(f"{path}: {error}; restore a backup before anything else") from error


def unreadable(before: Mapping[str, int], now: Mapping[str, int]) -> list[str]:
    """What a newer release has made of the databases since `before`, in words.

    A database that is new is none of the older release's business.
    """
    return [f"{name} from {before[name]} to {now[name]}" for name in before if now.get(name, 0) > before[name]]


def take(places: Places, release: str) -> Snapshot:
    """Keep the folder as it is, in place of an earlier snapshot. Raises Trouble."""
    places.snapshots.mkdir(mode=0o700, parents=True, exist_ok=True)
    size = sum(file.stat().st_size for file in places.data.rglob("*") if file.is_file())
    free = shutil.disk_usage(places.snapshots).free
    if free < 2 * size:
        raise Trouble(
            f"{places.snapshots}: {free / 1e6:,.0f} MB free, and the people's data take {size / 1e6:,.0f} MB twice: "
            "make room; nothing was changed"
        )
    taken = datetime.now(timezone.utc).isoformat(timespec="seconds")
    head = {"release": release, "taken": taken}
    target = places.snapshots / SNAPSHOT
    draft = target.with_suffix(".partial")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            content = json.dumps(head).encode()
            member = tarfile.TarInfo(HEAD)
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
            archive.add(places.data, arcname="data")
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, target)
    return Snapshot(target, release, taken)


def find(places: Places) -> Snapshot | None:
    """The snapshot there is."""
    path = places.snapshots / SNAPSHOT
    try:
        with tarfile.open(path) as archive:
            file = archive.extractfile(HEAD)
            head = json.loads(file.read()) if file is not None else {}
            return Snapshot(path, head["release"], head["taken"])
    except (OSError, tarfile.TarError, ValueError, KeyError):
        return None


def restore(places: Places, snapshot: Snapshot) -> None:
    """Put the snapshot in the folder's place in one step: at no moment is there none. Raises Trouble."""
    draft = places.data.with_name(f"{places.data.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    try:
        with tarfile.open(snapshot.path) as archive:
            # Our own archive, of root alone: owners and modes are to come back as they were.
            archive.extraction_filter = getattr(tarfile, "fully_trusted_filter", None)
            archive.extractall(draft, numeric_owner=True)
        sync_all(draft)
        exchange(draft / "data", places.data)
    except (OSError, tarfile.TarError) as error:
        raise Trouble(f"{snapshot.path}: can't be put back: {error}; the data stay as they are") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
