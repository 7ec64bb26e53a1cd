"""A terminal with a configuration and a store of its own, run in this process or as a real one."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from click.testing import CliRunner, Result
from PIL import Image as Pillow

from daemon.cli import main

ROOT = Path(__file__).parent.parent.parent
DEADLINE_SECONDS = 60.0


class Terminal:
    """`auther` in a folder; `sections` are added to the configuration."""

    def __init__(self, folder: Path, sections: str = "", *, camera: Path | None = None, loop: bool = False) -> None:
        self.folder = folder
        self.config = folder / "auther.toml"
        self._lines = f'[storage]\nfolder = "{folder / "store"}"\n[liveness]\nlevel = "convenience"\n{sections}\n'
        if camera is not None:
            # As fast as possible, but for an endless one: that would only heat the machine.
            self._lines += f'[camera]\nbackend = "replay"\npath = "{camera}"\nrealtime = {str(loop).lower()}\n'
            self._lines += f"loop = {str(loop).lower()}\n"
        self.config.write_text(self._lines)

    def __call__(self, *words: str) -> Result:
        """Run a command in this process."""
        return CliRunner().invoke(main, ["--config", str(self.config), *words])

    def answer(self, *words: str) -> Any:
        """What a command says with --json."""
        result = self(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    @contextmanager
    def running(self, *words: str) -> Iterator["subprocess.Popen[str]"]:
        """`auther run --json` as a process of its own, killed if the test leaves it."""
        command = [sys.executable, "-m", "daemon", "run", "--config", str(self.config), "--json", *words]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            # Who waits for a line that never comes gets the end of the stream instead.
            limit = threading.Timer(DEADLINE_SECONDS, process.kill)
            limit.start()
            try:
                yield process
            finally:
                limit.cancel()
                process.kill()

    def run(self) -> tuple[int, list[dict[str, Any]], str]:
        """`auther run --json` to its own end: exit status, events, log."""
        with self.running() as process:
            out, log = process.communicate(timeout=DEADLINE_SECONDS)
            return process.returncode, [json.loads(line) for line in out.splitlines()], log


def events(stream: IO[str] | None) -> Iterator[dict[str, Any]]:
    """The lines of a running daemon as they come."""
    assert stream is not None
    for line in stream:
        yield json.loads(line)


def still(folder: Path, picture: Path, *, frames: int) -> Path:
    """A recording in which a picture stands still; a picture that is none ends the camera."""
    folder.mkdir(exist_ok=True)
    number = len(list(folder.iterdir()))
    for index in range(number, number + frames):
        shutil.copy(picture, folder / f"{index:04d}{picture.suffix}")
    return folder


def grey(file: Path, *, size: tuple[int, int] = (320, 240)) -> Path:
    """A picture of nobody."""
    Pillow.fromarray(np.full((size[1], size[0], 3), 128, np.uint8)).save(file)
    return file
