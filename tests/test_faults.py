"""Every fault that a terminal has to live with, after the table in daemon/docs/faults.md."""

import base64
import os
import re
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import cv2
import httpx
import numpy as np
import psutil
import pytest

import models.manifest
from tests.conftest import ROOT
from tests.daemon.mosquitto import Mosquitto, Watcher
from tests.daemon.terminal import Terminal
from tests.faults import PULSE_SECONDS, Camera, Victim

pytestmark = pytest.mark.alone  # what is seen and said in time: nothing else may have the processor

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


@pytest.fixture
def camera() -> Iterator[Camera]:
    camera = Camera()
    yield camera
    camera.stop()


@pytest.fixture
def victim(tmp_path: Path, camera: Camera) -> Iterator[Victim]:
    with Victim(tmp_path / "terminal", camera=camera.address).running() as running:
        running.wait(lambda: running.ready() == [], "a ready terminal")
        running.opens()
        yield running


def test_every_test_that_the_table_names_is_there() -> None:
    named = re.findall(r"`(tests/[a-z_/]+\.py)`", (ROOT / "daemon" / "docs" / "faults.md").read_text())
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_a_dead_camera(victim: Victim, camera: Camera) -> None:
    camera.stop()
    victim.wait(lambda: bool(victim.ready()), "a word of the camera")
    assert any("camera" in reason for reason in victim.ready() or [])
    victim.opens()
    camera.start()
    victim.wait(lambda: victim.ready() == [], "the camera's healing")
    victim.wait(lambda: "camera_restored" in victim.alarms(), "the end of the alarm")
    assert victim.alarms().index("camera_failed") < victim.alarms().index("camera_restored")


def test_a_dead_broker(tmp_path: Path, camera: Camera) -> None:
    broker = Mosquitto(tmp_path)
    sections = f'[mqtt]\nenabled = true\nhost = "127.0.0.1"\nport = {broker.port}\n'
    with Victim(tmp_path / "terminal", camera=camera.address, sections=sections).running() as victim:
        victim.opens()
        broker.start()
        try:
            watcher = Watcher(broker.port, "auther/#")
            names = lambda: [event["event"] for event in watcher.values("auther/door1/event")]  # noqa: E731
            victim.wait(lambda: names()[:2] == ["unlocked", "locked"], "what happened meanwhile")
            watcher.client.loop_stop()
        finally:
            broker.stop()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small disk")
    image, folder = tmp_path / "disk.img", tmp_path / "disk"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(16 * 2**20)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(65536))


@pytest.mark.needs_root
def test_a_full_disk(tmp_path: Path, camera: Camera, small_disk: Path) -> None:
    with Victim(tmp_path / "terminal", camera=camera.address, store=small_disk / "store").running() as victim:
        victim.opens()
        filler = small_disk / "filler"
        with pytest.raises(OSError, match="No space"):
            _fill(filler)
        victim.opens()
        victim.wait(lambda: "an event was lost" in victim.logged(), "a word of the lost event")
        filler.unlink()
        before = len(victim.events())
        victim.opens()
        victim.wait(lambda: len(victim.events()) > before, "the next event")


@pytest.mark.needs_root
def test_a_disk_that_becomes_read_only(tmp_path: Path, camera: Camera, small_disk: Path) -> None:
    with Victim(tmp_path / "terminal", camera=camera.address, store=small_disk / "store").running() as victim:
        victim.opens()
        # What the kernel does with a card that fails under open files.
        subprocess.run(["mount", "-o", "remount,abort", small_disk], check=True)
        victim.opens()
        victim.wait(lambda: "an event was lost" in victim.logged(), "a word of the lost event")
        victim.wait(
            lambda: any("events can't be written" in reason for reason in victim.ready()), "a terminal not ready"
        )


@pytest.mark.parametrize("begin", ["+0", "@1970-01-02 00:00:00"], ids=["a jump", "no clock at boot"])
def test_a_clock_that_jumps(tmp_path: Path, camera: Camera, begin: str) -> None:
    if not FAKETIME.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("libfaketime is not installed")
        pytest.skip("libfaketime is not installed (apt-get install libfaketime)")
    rc = tmp_path / "time"
    rc.write_text(begin)
    env = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(rc),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with Victim(tmp_path / "terminal", camera=camera.address).running(env) as victim:
        for pulse, offset in enumerate(("+0", "+3600", "+0", "-3600", "+0"), start=1):
            assert victim.post("/device/door", {"action": "unlock"}).status_code == 200
            rc.write_text(offset)
            victim.wait(partial(victim.has_pulsed, pulse), "the relay")
        assert all(PULSE_SECONDS - 0.1 < pulse < PULSE_SECONDS + 5 for pulse in victim.relay.pulses())
        victim.wait(lambda: victim.ready() == [], "a ready terminal")


@pytest.mark.parametrize(
    ("text", "named"),
    [("[door\n", "auther.toml"), ("[door]\npulse_seconds = -1\n", "door.pulse_seconds"), ("\0\xff", "auther.toml")],
)
def test_a_corrupt_configuration(tmp_path: Path, text: str, named: str) -> None:
    terminal = Terminal(tmp_path)
    terminal.config.write_text(text, encoding="latin-1")
    status, _, log = terminal.run()
    assert status != 0
    assert named in log
    assert "Traceback" not in log


def test_corrupt_weights(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    shutil.copytree(models.manifest.INSTALLED_WEIGHTS, weights)
    victim = sorted(weights.glob("*.tflite"))[0]
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    status, _, log = Terminal(tmp_path, f'[vision]\nweights = "{weights}"').run()
    assert status != 0
    assert victim.name in log
    assert "Traceback" not in log


def test_memory_that_runs_out(victim: Victim) -> None:
    process = psutil.Process(victim.process.pid)
    limit = process.memory_info().vms + 8 * 2**20
    # The hard limit stays: what was lowered there could not be raised again.
    process.rlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    picture = base64.b64encode(cv2.imencode(".png", np.zeros((4000, 4000, 3), np.uint8))[1].tobytes()).decode()
    ended = False
    for _ in range(5):
        with suppress(httpx.TransportError):
            answer = victim.post("/identify", {"faceImage": picture})
            assert answer.status_code >= 400
        ended = victim.process.poll() is not None
        if ended:
            break
    if not ended:
        process.rlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        victim.opens()
    assert not victim.relay.on
    assert "Traceback" not in victim.logged()


def test_a_relay_that_is_pulled_out(victim: Victim) -> None:
    victim.relay.pull_out()
    victim.post("/device/door", {"action": "unlock"})
    victim.wait(lambda: str(victim.relay.port) in victim.logged(), "a word of the relay")
    victim.relay.plug_in()
    victim.opens()


def test_dead_dns(tmp_path: Path) -> None:
    sections = '[mqtt]\nenabled = true\nhost = "broker.invalid"\nallow_plaintext = true\n'
    with Victim(tmp_path / "terminal", camera="rtsp://camera.invalid/door", sections=sections).running() as it:
        it.opens()
        it.wait(lambda: "broker.invalid" in it.logged(), "a word of the broker")
        it.wait(lambda: "camera.invalid" in it.logged(), "a word of the camera")
