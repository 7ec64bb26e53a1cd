"""Install, or upgrade: the new release is made beside the running one, which stays until the new one has started."""

import contextlib
import fcntl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance import data, machine, releases, system, wheelhouse
from appliance.errors import Trouble
from appliance.places import ACCOUNT, SERVICE, Places
from appliance.releases import Release
from appliance.shell import as_account, run, shown


@dataclass(frozen=True)
class Wishes:
    """What the person at the keyboard asked for. `setup` goes on to `auther setup`."""

    source: Path
    wheels: Path | None
    extras: Sequence[str]
    apt: bool
    setup: Sequence[str]


@contextlib.contextmanager
def alone(places: Places) -> Iterator[None]:
    """One installation at a time. Raises Trouble."""
    places.program.mkdir(parents=True, exist_ok=True)
    with places.lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Trouble("another installation is running on this machine: wait until it has ended") from error
        yield


def install(places: Places, wishes: Wishes) -> bool:
    """True when the terminal runs, or will with the next boot. Raises Trouble; what ran before then runs again."""
    found = machine.this_machine(places.root)
    machine.check(found)
    if wishes.apt:
        step("packages of the system")
        system.packages(machine.camera_packages(places.root))
    with alone(places):
        releases.clear(places)
        new = _make(places, wishes)
        step("user, folders and configuration")
        system.account(places, new)
        _configure(places, new, wishes.setup)
        base = baseline(places)
        ready = _first(places, new) if base is None else _upgrade(places, new, base)
        releases.sweep(places)
    return ready


def baseline(places: Places) -> Release | None:
    """What to go back to: the current release if it was ever seen to start, else the one before."""
    current = releases.read(places.current)
    if current is not None and system.is_active():
        current.prove()  # it came up later than its installation
    return current if current is not None and current.proven else releases.read(places.previous)


def step(what: str) -> None:
    print(f"==> {what}", flush=True)


def _make(places: Places, wishes: Wishes) -> Release:
    wheels = wishes.wheels
    if wheels is None:
        step("fetching what the lock file names (some 150 MB)")
        wheels = places.wheels
        wheelhouse.gather(wishes.source, wheels, target=wheelhouse.this_target(), extras=wishes.extras)
    step("making the release")
    return releases.build(places, wheels)


def _configure(places: Places, new: Release, words: Sequence[str]) -> None:
    if not places.config.exists() and shown(new.auther, "setup", "--config", places.config, *words) != 0:
        raise Trouble("there is no configuration yet: run this again")
    system.hand_over(places)
    check = (new.auther, "config", "check", "--config", places.config)
    run(*as_account(check), because="Mend the configuration for the new release; nothing was changed yet.")


def _first(places: Places, new: Release) -> bool:
    system.stop()
    releases.point(places.current, new)
    system.put_files(places, new)
    system.enable(places)
    _examine(places, new)
    step("starting")
    try:
        system.start()
    except Trouble as error:
        print(
            f"{error}\nThe terminal is installed, but does not start yet. Mend what the doctor names, then: "
            f"sudo systemctl restart {SERVICE}"
        )
        return False
    new.prove()
    return True


def _upgrade(places: Places, new: Release, base: Release) -> bool:
    switched_off = system.is_switched_off()
    older = releases.read(places.previous)
    same = new.sha256 == base.sha256
    step(f"changing from {base.path.name} to {new.path.name}")
    system.stop()
    snapshot = None
    try:
        if not same:
            base.leave(data.schemas(places.data))
            snapshot = _snapshot(places, base)
            releases.point(places.previous, base)
        releases.point(places.current, new)
        system.put_files(places, new)
        _examine(places, new)
        if not switched_off:
            system.enable(places)
            step("starting")
            system.start()
    except (Trouble, OSError) as error:
        back(places, base, snapshot)
        if older is not None and older.path != base.path:
            releases.point(places.previous, older)
        releases.sweep(places)
        raise Trouble(f"{error}\nThe upgrade failed, so {base.path.name} was put back and runs again.") from error
    new.prove()
    return True


def _snapshot(places: Places, base: Release) -> data.Snapshot:
    """That of an interrupted upgrade stays: what the unproven release made of the data since is not to be trusted."""
    kept = data.find(places)
    current = releases.read(places.current)
    if kept is not None and kept.release == base.path.name and current is not None and current.path != base.path:
        return kept
    step("keeping the people's data as they are")
    return data.take(places, base.path.name)


def back(places: Places, base: Release, snapshot: data.Snapshot | None) -> None:
    """Make a release that has run before the current one again, with data that it can read. Raises Trouble."""
    system.stop()
    if snapshot is not None and data.unreadable(base.left() or {}, data.schemas(places.data)):
        data.restore(places, snapshot)
    releases.point(places.current, base)
    system.put_files(places, base)
    if not system.is_switched_off():
        system.start()


def _examine(places: Places, release: Release) -> None:
    step("auther doctor")
    shown(*as_account((release.auther, "doctor", "--config", places.config)))


def summary(places: Places, *, ready: bool) -> str:
    """What a person who has just installed a terminal wants to know."""
    current = releases.need(places.current, "no release is installed")
    previous = releases.read(places.previous)
    running = "and runs" if system.is_running() else "and starts with the next boot"
    state = running if ready else "but does not run yet"
    lines = [
        "",
        f"Auther Embedded {current.version} is installed {state}.",
        f"  configuration  {places.config} (then: sudo systemctl restart {SERVICE})",
        f"  people         {places.data}, encrypted, of the user {ACCOUNT}",
        f"  program        {current.path}",
        f"  log            journalctl -u {SERVICE} -f",
    ]
    if previous is not None and previous.path != current.path:
        lines.append(f"  before         {previous.path.name} (back to it: sudo auther-rollback)")
    lines += ["", "Next, enrol somebody from a picture:  sudo auther enroll ada --image ada.jpg"]
    return "\n".join(lines)
