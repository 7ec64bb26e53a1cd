"""Where everything of an installed terminal lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ACCOUNT = "auther"
SERVICE = "auther-embedded.service"


@dataclass(frozen=True)
class Places:
    """The folders and files of the appliance below `root`, which is another folder in tests."""

    root: Path = Path("/")

    @property
    def program(self) -> Path:
        return self.root / "opt/auther-embedded"

    @property
    def releases(self) -> Path:
        return self.program / "releases"

    @property
    def current(self) -> Path:
        """Symbolic link to the release that runs."""
        return self.program / "current"

    @property
    def previous(self) -> Path:
        """Symbolic link to the release that a rollback goes back to."""
        return self.program / "previous"

    @property
    def wheels(self) -> Path:
        """Packages that were fetched for the release being built; nothing in it outlives an installation."""
        return self.program / "wheels.partial"

    @property
    def lock(self) -> Path:
        return self.program / "lock"

    @property
    def settings(self) -> Path:
        return self.root / "etc/auther-embedded"

    @property
    def config(self) -> Path:
        return self.settings / "config.toml"

    @property
    def data(self) -> Path:
        return self.root / "var/lib/auther-embedded"

    @property
    def snapshots(self) -> Path:
        """The people's data as it was before an upgrade; of root alone."""
        return self.root / "var/backups/auther-embedded"

    @property
    def commands(self) -> Mapping[Path, str]:
        """What is called by name, and which of the release's scripts it is."""
        local = self.root / "usr/local"
        return {
            local / "bin/auther": "auther",
            local / "sbin/auther-rollback": "rollback",
            local / "sbin/auther-uninstall": "uninstall",
        }

    @property
    def units(self) -> Path:
        return self.root / "etc/systemd/system"

    def system_file(self, name: str) -> Path | None:
        """Where a file of the release's `systemd` folder belongs; None for one that is no system file."""
        stem, _, kind = name.rpartition(".")
        folders = {
            "service": self.units,
            "timer": self.units,
            "socket": self.units,
            "path": self.units,
            "target": self.units,
            "slice": self.units,
            "sysusers": self.root / "etc/sysusers.d",
            "tmpfiles": self.root / "etc/tmpfiles.d",
            "rules": self.root / "etc/udev/rules.d",
        }
        if kind not in folders:
            return None
        return folders[kind] / (f"{stem}.conf" if kind in ("sysusers", "tmpfiles") else name)
