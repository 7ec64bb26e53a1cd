"""A terminal with a real network camera, a relay on a wire, a broker and an API, to which faults are done."""

import json
import os
import pty
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from hw import lcus
from tests.conftest import ROOT
from tests.daemon.mosquitto import wait_until
from tests.daemon.terminal import Terminal
from tests.ports import free_port

LONG = 60.0
CAMERA = ROOT / "tests" / "hw" / "mjpeg_program.py"
PULSE_SECONDS = 0.5


class Relay:
    """The board at the far end of a serial line, which can be pulled out; remembers how it was switched."""

    def __init__(self, port: Path) -> None:
        self.port = port
        self.switched: list[tuple[float, bool]] = []
        self.plug_in()

    def plug_in(self) -> None:
        self._board, self._line = pty.openpty()
        tty.setraw(self._line)
        self.port.symlink_to(os.ttyname(self._line))
        self._listener = threading.Thread(target=self._listen, args=(self._board,), daemon=True)
        self._listener.start()

    def pull_out(self) -> None:
        self.port.unlink()
        os.close(self._line)
        os.close(self._board)

    @property
    def on(self) -> bool:
        return bool(self.switched) and self.switched[-1][1]

    def pulses(self) -> list[float]:
        """How long each pulse was, in seconds; one that is under way is left out."""
        begun: float | None = None
        found: list[float] = []
        for at, on in list(self.switched):
            if on and begun is None:
                begun = at
            elif not on and begun is not None:
                found.append(at - begun)
                begun = None
        return found

    def _listen(self, board: int) -> None:
        heard = b""
        with suppress(OSError):
            while data := os.read(board, 64):
                heard += data
                while len(heard) >= 4:
                    self.switched.append((time.monotonic(), lcus.parse(heard[:4])[1]))
                    heard = heard[4:]


class Camera:
    """A network camera as a process."""

    def __init__(self) -> None:
        self._port = free_port()
        self.address = f"http://door:secret@127.0.0.1:{self._port}/"
        self.start()

    def start(self) -> None:
        words = [sys.executable, str(CAMERA), str(self._port), "640", "480"]
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


class Victim:
    """A running terminal, as the people around it see it: the relay, the API, what is logged."""

    def __init__(self, folder: Path, *, camera: str, sections: str = "", store: Path | None = None) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.log = folder, folder / "log"
        self.relay = Relay(folder / "relay")
        self._port = free_port()
        self.terminal = Terminal(folder, "")
        self.config = self.terminal.config
        self.config.write_text(
            f'[device]\nid = "door1"\n[storage]\nfolder = "{store or folder / "store"}"\n'
            f'[camera]\nbackend = "webcam"\nsource = "{camera}"\ntimeout_seconds = 2.0\n'
            f"[door]\npulse_seconds = {PULSE_SECONDS}\n"
            f'[door.strike]\nbackend = "lcus"\nport = "{self.relay.port}"\n'
            f"[api]\ntls = false\nport = {self._port}\n{sections}\n"
        )
        words = ("keys", "create", "building", "--may", "device,persons,identify")
        self._key = self.terminal(*words).stdout.splitlines()[0]

    @contextmanager
    def running(self, env: Mapping[str, str] | None = None) -> Iterator["Victim"]:
        """Started, and its API answers; killed at the end unless it has ended."""
        command = [sys.executable, "-m", "daemon", "run", "--config", str(self.config)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **(env or {})}
            )
        try:
            self.wait(lambda: self.process.poll() is not None or self.get("/health/live") is not None, "the API")
            assert self.process.poll() is None, self.logged()
            yield self
        finally:
            self.process.kill()
            self.process.wait()

    def wait(self, condition: Any, what: str) -> None:
        wait_until(condition, f"{what}; its log:\n{self.log.read_text()[-3000:]}", LONG)

    def get(self, path: str) -> Any:
        """What a call answers, None while nobody does."""
        with suppress(httpx.TransportError):
            return httpx.get(self._url(path), headers={"Api-Key": self._key}, timeout=10).json()
        return None

    def post(self, path: str, body: Mapping[str, object]) -> httpx.Response:
        return httpx.post(self._url(path), headers={"Api-Key": self._key}, json=body, timeout=30)

    def has_pulsed(self, times: int) -> bool:
        """Whether so many pulses have come and gone."""
        return len(self.relay.pulses()) == times

    def ready(self) -> list[str] | None:
        """Why it is not ready, by its own word; [] when it is."""
        answer = self.get("/health/ready")
        return None if answer is None else answer.get("reasons", []) or []

    def opens(self) -> None:
        """The door is opened by the building, and locks again after its time."""
        before = len(self.relay.pulses())
        assert self.post("/device/door", {"action": "unlock"}).status_code == 200
        self.wait(lambda: len(self.relay.pulses()) > before, "a pulse of the relay")

    def logged(self) -> str:
        return self.log.read_text()

    def events(self) -> list[dict[str, Any]]:
        """What happened by its own record, oldest first."""
        lines = self.terminal("events", "--json").stdout.splitlines()
        return [json.loads(line) for line in lines]

    def alarms(self) -> list[str]:
        return [str(event["alarm"]) for event in self.events() if "alarm" in event]

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}{path}"
