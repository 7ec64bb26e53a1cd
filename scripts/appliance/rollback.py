"""Back to the release before the current one, whose data an older program may not be able to read."""

from collections.abc import Mapping

from appliance import data, releases, system
from appliance.errors import Trouble
from appliance.install import alone, back, step
from appliance.places import Places
from appliance.releases import Release


def rollback(places: Places, *, restore: bool) -> str:
    """Make the previous release current and start it; which one that is. Raises Trouble, with nothing changed."""
    with alone(places):
        current = releases.need(places.current, "no release is installed here")
        nothing = f"there is no release before {current.path.name} to go back to"
        previous = releases.need(places.previous, nothing)
        if previous.path == current.path:
            raise Trouble(nothing)
        snapshot = data.find(places)
        if snapshot is not None and snapshot.release != previous.path.name:
            snapshot = None
        system.stop()
        try:
            now = data.schemas(places.data)
            _check(previous, now, snapshot, restore=restore)
            current.leave(now)
        except Trouble:
            system.start()
            raise
        step(f"back to {previous.path.name}")
        back(places, previous, snapshot)
        releases.point(places.previous, current)
    return previous.path.name


def _check(previous: Release, now: Mapping[str, int], snapshot: data.Snapshot | None, *, restore: bool) -> None:
    """Raises Trouble unless the previous release can read the people's data, or may have those of before."""
    left = previous.left()
    changed = ["what changed is not known"] if left is None else data.unreadable(left, now)
    if not changed:
        return
    reason = f"{previous.path.name} can't read the people's data any more: {', '.join(changed)}"
    if snapshot is None:
        raise Trouble(f"{reason}. The copy from before the upgrade is gone: stay with the present release")
    if not restore:
        raise Trouble(
            f"{reason}. With --restore-data they are put back as they were at {snapshot.taken}, before the upgrade; "
            "what was enrolled since is lost"
        )
