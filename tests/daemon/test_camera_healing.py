"""A whole terminal whose network camera dies, hangs and comes back, while the building goes on using the door."""

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.mosquitto import Watcher, running, wait_until
from tests.daemon.terminal import Terminal as Process
from tests.daemon.terminal import events
from tests.daemon.test_terminal import Terminal
from tests.hw.live_server import LiveServer

pytestmark = pytest.mark.alone  # what is seen and said in time: nothing else may have the processor

CONFIGURATION = """
[device]
id = "door1"
[camera]
backend = "webcam"
source = "{address}"
timeout_seconds = 2.0
[door]
pulse_seconds = 0.3
[storage]
folder = "{storage}"
[mqtt]
enabled = true
port = {port}
commands = ["unlock", "health"]
[api]
enabled = false
"""


@pytest.fixture
def camera() -> Iterator[LiveServer]:
    server = LiveServer("mjpeg")
    yield server
    server.kill()


@pytest.fixture
def terminal(tmp_path: Path, camera: LiveServer) -> Iterator[Terminal]:
    file = tmp_path / "auther.toml"
    with running(tmp_path) as broker:
        storage = tmp_path / "storage"
        file.write_text(CONFIGURATION.format(address=camera.address, storage=storage, port=broker.port))
        with Watcher(broker.port, "auther/#") as watcher:
            terminal = Terminal(watcher, file)
            yield terminal
            terminal.kill()


def test_it_lives_without_its_camera_and_takes_it_up_again(terminal: Terminal, camera: LiveServer) -> None:
    terminal.start()
    wait_until(lambda: _alarms(terminal) == ["camera_failed"], "the absent camera")
    assert terminal.command("unlock", seconds=1)["ok"] is True
    wait_until(lambda: "unlocked" in [event["event"] for event in terminal.told("event")], "the unlocked door")
    assert _camera(terminal)["state"] == "absent"
    assert "check the camera's power and network" in str(_camera(terminal)["advice"])
    camera.start()
    wait_until(lambda: _alarms(terminal) == ["camera_failed", "camera_restored"], "the camera")
    wait_until(lambda: _camera(terminal)["state"] == "ok", "its health")
    camera.freeze()
    wait_until(lambda: _camera(terminal)["state"] in ("stalled", "absent"), "the camera that hangs")
    assert terminal.command("unlock", seconds=1)["ok"] is True
    camera.kill()
    camera.start(size=(320, 240))
    wait_until(lambda: _camera(terminal)["state"] == "wrong_size", "the camera with another picture")
    assert "320×240 come instead of 160×120" in str(_camera(terminal)["advice"])
    assert terminal.process.poll() is None
    assert all("secret" not in str(alarm["detail"]) for alarm in terminal.told("alarm"))


def test_sigterm_while_a_dead_address_is_opened(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/live"
        sections = f'[camera]\nbackend = "webcam"\nsource = "{address}"\ntimeout_seconds = 60.0\n[api]\nenabled = false'
        with Process(tmp_path, sections).running() as process:
            next(events(process.stdout))
            connection, _ = silent.accept()
            process.send_signal(signal.SIGTERM)
            asked = time.monotonic()
            _, log = process.communicate(timeout=30)
            taken = time.monotonic() - asked
            connection.close()
    assert process.returncode == 0, log
    assert "Traceback" not in log
    # It would be 60 if it waited for the address; how fast it is on an idle machine a benchmark tells.
    assert taken < 30


def _alarms(terminal: Terminal) -> list[object]:
    return [alarm["alarm"] for alarm in terminal.told("alarm")]


def _camera(terminal: Terminal) -> dict[str, object]:
    data = terminal.command("health")["data"]
    assert isinstance(data, dict)
    camera = data["camera"]
    assert isinstance(camera, dict)
    return camera
