"""What the operating system has to know of a terminal: packages, account, folders, units, the service."""

import grp
import os
import pwd
import shutil
from collections.abc import Sequence
from pathlib import Path

from appliance.errors import Trouble
from appliance.places import ACCOUNT, SERVICE, Places
from appliance.releases import Release
from appliance.shell import run, status, succeeds

PACKAGES = ("python3-venv", "ca-certificates", "libstdc++6")  # the last for NumPy
TIMER = "auther-embedded-backup.timer"
STORES = ("credstore", "credstore.encrypted")
PASSPHRASE = "auther-backup-passphrase"  # the credential that the backup's unit names
RUNNING = Path("/run/systemd/system")


def packages(also: Sequence[str]) -> None:
    """Install what is missing of the system's packages. Raises Trouble."""
    missing = [name for name in (*PACKAGES, *also) if not succeeds("dpkg-query", "--status", name)]
    if not missing:
        return
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    advice = f"Without a network, install these from a medium first: {' '.join(missing)}"
    run("apt-get", "update", "--quiet=2", because=advice)
    run("apt-get", "install", "--quiet=2", "--yes", "--no-install-recommends", *missing, because=advice)


def account(places: Places, release: Release) -> None:
    """The user and the groups that the release's units run under, and the folders that are theirs."""
    for file in sorted((release.share / "systemd").glob("*.sysusers")):
        run("systemd-sysusers", file)
    try:
        user, group = pwd.getpwnam(ACCOUNT), grp.getgrnam(ACCOUNT)
    except KeyError as error:
        raise Trouble(
            f"systemd-sysusers made no user and group {ACCOUNT}: {error}; the release is incomplete"
        ) from error
    for folder, owner, mode in ((places.settings, 0, 0o750), (places.data, user.pw_uid, 0o700)):
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, owner, group.gr_gid)
        folder.chmod(mode)


def hand_over(places: Places) -> None:
    """The configuration is root's to write and the terminal's to read."""
    group = grp.getgrnam(ACCOUNT).gr_gid
    for path in places.settings.iterdir():
        if path.is_file() and not path.is_symlink():
            os.chown(path, 0, group)
            path.chmod(0o640)


def put_files(places: Places, release: Release) -> None:
    """The release's units in place of those there are, and the command `auther`."""
    wanted = {file: places.system_file(file.name) for file in sorted((release.share / "systemd").iterdir())}
    for file, target in wanted.items():
        if target is not None:
            _replace(file, target)
    for old in set(installed_files(places)) - set(wanted.values()):
        old.unlink(missing_ok=True)
    for command, script in places.commands.items():
        command.parent.mkdir(parents=True, exist_ok=True)
        command.unlink(missing_ok=True)
        command.symlink_to(places.current / "share/auther-embedded/scripts" / script)
    if is_running():
        run("systemctl", "daemon-reload")
        for file in sorted((release.share / "systemd").glob("*.tmpfiles")):
            run("systemd-tmpfiles", "--create", file)
        succeeds("udevadm", "control", "--reload")
        succeeds(
            "udevadm", "trigger", "--subsystem-match=gpio", "--subsystem-match=video4linux", "--subsystem-match=tty"
        )


def remove_files(places: Places) -> None:
    """The system's files of every release, and the commands."""
    for path in (*installed_files(places), *places.commands):
        path.unlink(missing_ok=True)
    if is_running():
        run("systemctl", "daemon-reload")


def installed_files(places: Places) -> list[Path]:
    """Units, rules and the like that a release has put there, and nobody else."""
    named = {file.name for file in places.releases.glob("*/share/auther-embedded/systemd/*")}
    targets = {places.system_file(name) for name in named}
    return sorted(target for target in targets if target is not None and target.is_file())


def is_running() -> bool:
    """Whether this system was booted by systemd; in an image that is being built it was not."""
    return RUNNING.is_dir()


def is_active() -> bool:
    """Whether the service has started and said so."""
    return is_running() and succeeds("systemctl", "is-active", SERVICE)


def is_switched_off() -> bool:
    """Whether somebody has disabled the service that is installed."""
    return status("systemctl", "is-enabled", SERVICE) != 0


def enable(places: Places) -> None:
    """The service with each boot; the nightly backup where there is a passphrase for it."""
    run("systemctl", "enable", "--quiet", SERVICE)
    stores = [places.root / "etc" / name / PASSPHRASE for name in STORES]
    if (places.units / TIMER).exists() and any(store.exists() for store in stores):
        run("systemctl", "enable", "--quiet", *(["--now"] if is_running() else []), TIMER)


def erase_credentials(places: Places) -> None:
    """Secrets that systemd kept for the terminal."""
    for name in STORES:
        for path in (places.root / "etc" / name).glob("auther-*"):
            path.unlink()


def disable(places: Places) -> None:
    units = [path.name for path in installed_files(places) if path.parent == places.units]
    if units:
        # --now would fail where nothing is running.
        succeeds("systemctl", "disable", "--quiet", *units)
    if units and is_running():
        run("systemctl", "stop", *units)


def stop() -> None:
    if is_running() and succeeds("systemctl", "cat", SERVICE):
        run("systemctl", "stop", SERVICE)


def start() -> None:
    """Start the service and wait until it says that it is ready. Raises Trouble; without systemd it does nothing."""
    if is_running():
        succeeds("systemctl", "reset-failed", SERVICE)
        run("systemctl", "start", SERVICE, because=f"See why: journalctl -u {SERVICE} -n 50")


def _replace(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.partial")
    shutil.copyfile(source, draft)
    draft.chmod(0o644)
    os.replace(draft, target)
