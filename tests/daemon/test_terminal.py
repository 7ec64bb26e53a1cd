"""A whole terminal as a process, on a replayed camera that sees nobody, obeying a building over a real mosquitto."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.geometry import Image
from tests.daemon.mosquitto import Mosquitto, Watcher, running, wait_until

pytestmark = pytest.mark.alone  # what is seen and said in time: nothing else may have the processor

CONFIGURATION = """
[device]
id = "door1"
[camera]
backend = "replay"
path = "{pictures}"
loop = true
fps = 10.0
[door]
pulse_seconds = 0.3
[storage]
folder = "{storage}"
[mqtt]
enabled = true
port = {port}
commands = ["unlock", "lock", "lockdown", "enrol", "reload", "health"]
[api]
enabled = false
"""


class Terminal:
    def __init__(self, watcher: Watcher, file: Path) -> None:
        self.watcher, self.file = watcher, file

    def start(self) -> None:
        """Run it, and wait for what it tells of its door."""
        before = len(self.told("door"))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "daemon", "--config", str(self.file), "run"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.getcwd()},
        )
        wait_until(lambda: len(self.told("door")) > before, "the terminal")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def command(self, name: str, **arguments: object) -> dict[str, object]:
        """Give a command and wait for its answer."""
        command_id = str(uuid.uuid4())
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        payload = {"id": command_id, "time": now, "arguments": arguments}
        self.watcher.client.publish(f"auther/door1/command/{name}", json.dumps(payload), qos=1)
        wait_until(lambda: self._answer(command_id) is not None, f"the answer to {name}")
        answer = self._answer(command_id)
        assert answer is not None
        return answer

    def told(self, topic: str) -> list[dict[str, object]]:
        """What came on a topic."""
        return self.watcher.values(f"auther/door1/{topic}")

    def _answer(self, command_id: str) -> dict[str, object] | None:
        return next((answer for answer in self.told("command/result") if answer["id"] == command_id), None)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running(tmp_path) as broker:
        yield broker


@pytest.fixture
def scene() -> list[Image]:
    """What the camera sees, again and again: nobody."""
    return [np.full((240, 320, 3), 90, np.uint8)]


@pytest.fixture
def terminal(tmp_path: Path, broker: Mosquitto, request: pytest.FixtureRequest) -> Iterator[Terminal]:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number, picture in enumerate(request.getfixturevalue("scene")):
        cv2.imwrite(str(pictures / f"{number:03}.png"), picture)
    file = tmp_path / "auther.toml"
    file.write_text(CONFIGURATION.format(pictures=pictures, storage=tmp_path / "storage", port=broker.port))
    with Watcher(broker.port, "auther/#") as watcher:
        terminal = Terminal(watcher, file)
        terminal.start()
        try:
            yield terminal
        finally:
            terminal.kill()


def test_it_unlocks_for_the_building_and_locks_again(terminal: Terminal) -> None:
    assert terminal.command("unlock", seconds=1)["ok"] is True
    wait_until(lambda: [d["lock"] for d in terminal.told("door")][-2:] == ["unlocked", "locked"], "the pulse")
    wait_until(lambda: [e["event"] for e in terminal.told("event")] == ["unlocked", "locked"], "the events")


def test_a_lockdown_refuses_to_unlock_and_outlives_a_kill(terminal: Terminal) -> None:
    assert terminal.command("lockdown", on=True)["ok"] is True
    wait_until(lambda: terminal.told("door")[-1]["lockdown"] is True, "the lockdown")
    refused = terminal.command("unlock")
    assert (refused["ok"], refused["reason"]) == (False, "failed")
    assert "lockdown" in str(refused["detail"])
    terminal.kill()
    terminal.start()
    wait_until(lambda: terminal.told("door")[-1]["lockdown"] is True, "the lockdown after the new start")
    assert terminal.command("unlock")["ok"] is False


class TestEnrolment:
    @pytest.fixture
    def scene(self, grace: Image) -> list[Image]:
        return [grace]

    def test_who_stands_at_the_camera_is_enrolled_by_command(self, terminal: Terminal) -> None:
        assert terminal.command("enrol", person_id="grace", seconds=30)["ok"] is True
        wait_until(lambda: _outcomes(terminal) == [("enrolled", "grace")], "the enrolment")
        assert _people(terminal.command("health")) == 1


def test_who_does_not_come_is_not_enrolled(terminal: Terminal) -> None:
    assert terminal.command("enrol", person_id="grace", seconds=5)["ok"] is True
    wait_until(lambda: [kind for kind, _ in _outcomes(terminal)] == ["enrolment_failed"], "the end of the time")
    assert _people(terminal.command("health")) == 0


def test_it_tells_its_health(terminal: Terminal) -> None:
    wait_until(lambda: _frames(terminal.command("health")) > 0, "the first frame")
    assert _people(terminal.command("health")) == 0


def test_it_reloads_a_good_configuration_and_keeps_the_old_one_when_it_is_bad(terminal: Terminal) -> None:
    good = terminal.file.read_text()
    terminal.file.write_text(good + "\nnonsense = 1\n")
    refused = terminal.command("reload")
    assert refused["ok"] is False
    assert "nonsense" in str(refused["detail"])
    terminal.file.write_text(good.replace("enabled = true", 'enabled = true\nca_file = "absent.pem"'))
    assert "absent.pem" in str(terminal.command("reload")["detail"])
    terminal.file.write_text(good.replace("pulse_seconds = 0.3", "pulse_seconds = 0.6"))
    before = len(terminal.told("door"))
    assert terminal.command("reload")["ok"] is True
    wait_until(lambda: len(terminal.told("door")) >= before + 2, "the door's state after the new start")
    assert terminal.command("health")["ok"] is True
    assert terminal.process.poll() is None


def test_sigterm_ends_it_with_the_door_locked(terminal: Terminal) -> None:
    terminal.command("unlock", seconds=60)
    wait_until(lambda: terminal.told("door")[-1]["lock"] == "unlocked", "the unlocked door")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.process.wait(20) == 0
    wait_until(lambda: terminal.told("door")[-1]["lock"] == "locked", "the locked door")
    wait_until(lambda: terminal.watcher.messages[-1].payload == b"offline", "the farewell")


def _outcomes(terminal: Terminal) -> list[tuple[object, object]]:
    return [(e["event"], e["detail"]) for e in terminal.told("event") if str(e["event"]).startswith("enrol")]


def _people(answer: dict[str, object]) -> int:
    data = answer["data"]
    assert isinstance(data, dict)
    return int(data["people"])


def _frames(answer: dict[str, object]) -> int:
    data = answer["data"]
    assert isinstance(data, dict)
    return int(data["frames"])
