"""A cable and a control panel by somebody else, for the tests of the OSDP reader and of the terminal around it.

The cable is socat's; scripts/setup_osdp_panel makes the panel's Python.
"""

import json
import os
import queue
import shutil
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PANEL = Path(os.environ.get("AUTHER_OSDP_PANEL", ROOT / ".venv-osdp-panel" / "bin" / "python"))
LONG = 30.0
ADDRESS = 5
MASTER = "00112233445566778899aabbccddeeff"

needs_panel = pytest.mark.skipif(
    not PANEL.exists() or shutil.which("socat") is None, reason="needs socat and scripts/setup_osdp_panel"
)


class Wire:
    """A cable between reader and panel that can be unplugged."""

    def __init__(self, folder: Path) -> None:
        self.reader_end, self.panel_end = folder / "reader", folder / "panel"
        self._process: subprocess.Popen[bytes] | None = None
        self.plug_in()

    def plug_in(self) -> None:
        ends = [f"pty,raw,echo=0,link={end}" for end in (self.reader_end, self.panel_end)]
        self._process = subprocess.Popen(["socat", *ends])
        deadline = time.monotonic() + LONG
        while not (self.reader_end.exists() and self.panel_end.exists()):
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def unplug(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(LONG)
            self._process = None


class Panel:
    """The panel's process, and what it hears."""

    def __init__(self, port: Path, *, secure: bool = False, key: str = "-") -> None:
        program = [
            PANEL,
            Path(__file__).with_name("osdp_panel.py"),
            port,
            str(ADDRESS),
            str(int(secure)),
            key,
        ]
        self._process = subprocess.Popen(
            [str(word) for word in program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._heard: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._heard.put(json.loads(line))

    def order(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()

    def hear(self, *, timeout: float = LONG, **wanted: object) -> dict[str, Any]:
        """Wait for a message with these values; raises queue.Empty if none comes."""
        deadline = time.monotonic() + timeout
        while True:
            heard = self._heard.get(timeout=max(0.001, deadline - time.monotonic()))
            if wanted.items() <= heard.items():
                return heard

    def close(self) -> None:
        self._process.kill()
        self._process.wait(LONG)
        self._thread.join(LONG)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
