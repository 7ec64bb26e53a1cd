"""Where `check-arm64` runs a program: on an emulated processor, or on this machine for what is to be expected."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.arm64.programs import finished
from scripts.arm64.sysroot import Sysroot

# Run on both processors.
RUN_NETWORKS, PLAY_RECORDINGS = "scripts.arm64.run_networks", "scripts.arm64.play_recordings"


@dataclass(frozen=True)
class Workbench:
    """The sysroot, and what this machine's processor made of the same material."""

    sysroot: Sysroot
    folder: Path
    networks: Path
    decisions: str

    @property
    def inputs(self) -> Path:
        return self.folder / "inputs"

    @property
    def recordings(self) -> Path:
        return self.folder / "recordings"

    def run(self, cpu: str, *arguments: str, options: Sequence[str] = ()) -> str:
        """What Python printed on an emulated processor. Raises CheckFailed."""
        # With CI=true a test that can't run here fails and does not skip.
        environment = {**self.sysroot.environment(), "CI": "true", "PYTHONUNBUFFERED": "1"}
        return finished(self.sysroot.command(cpu, *arguments, options=options), environment)

    def scratch(self) -> Path:
        """A new folder, gone when the checks are over."""
        return Path(tempfile.mkdtemp(dir=self.folder))
