"""Real terminals for the pages: `auther run` on a film, with a simulated strike, its API on a free port."""

import json
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.daemon.terminal import ROOT, Terminal
from tests.ports import free_port

START_SECONDS = 60.0


class PageTerminal:
    """Started and stopped by a test as often as it likes; its address stays the same."""

    def __init__(self, folder: Path, film: Path, sections: str = "", *, tls: bool = False) -> None:
        self.port = free_port()
        self.screen_url = ""
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        api = f"[api]\nport = {self.port}\ntls = {str(tls).lower()}\n"
        self.auther = Terminal(folder, f'{api}{sections}\n[door.strike]\nbackend = "simulated"', camera=film, loop=True)
        self._log = folder / "daemon.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return once it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "daemon", "run", "--config", str(self.auther.config)],
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.1)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Within, it runs."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    def stop(self) -> None:
        """Kill it, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def enrol(self, person_id: str, picture: Path) -> None:
        result = self.auther("enroll", person_id, "--image", str(picture))
        assert result.exit_code == 0, result.output

    def key(self, name: str, *permissions: str) -> str:
        """A new API key's value."""
        return str(self.auther.answer("keys", "create", name, "--may", ",".join(permissions))["key"])

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")[-4000:]

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health/live", timeout=5, context=_anything()) as answer:
                return bool(json.load(answer)["status"] == "up")
        except (urllib.error.URLError, OSError):
            return False


def _anything() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
