"""When the service manager is told what, by threads that are stood in for."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from daemon.door.runner import DoorRunner
from daemon.gallery.keeper import GalleryKeeper
from daemon.service_manager import ServiceManager
from daemon.vision.loop import VisionLoop
from daemon.watch import Watch


@dataclass
class Vision:
    turns: int = 0
    frames: int = 0
    last_captured: float | None = None


@dataclass
class Door:
    turns: int = 0
    unlocked: bool = False
    lockdown_on: bool = False


@dataclass
class Gallery:
    @dataclass
    class Snapshot:
        size: int = 3

    current: Snapshot = field(default_factory=Snapshot)


class Rig:
    """A watch, and what it told of each second."""

    def __init__(self, systemd: socket.socket) -> None:
        self.systemd, self.vision, self.door, self.now = systemd, Vision(), Door(), 0.0
        self.watch = Watch(
            service=ServiceManager({"NOTIFY_SOCKET": systemd.getsockname()}),
            vision=cast(VisionLoop, self.vision),
            door=cast(DoorRunner, self.door),
            gallery=cast(GalleryKeeper, Gallery()),
            clock=lambda: self.now,
        )

    def second(self, *, vision: int = 0, door: int = 0) -> list[str]:
        self.now += 1.0
        self.vision.turns += vision
        self.vision.frames += vision
        self.door.turns += door
        if vision:
            self.vision.last_captured = self.now
        self.watch.tick()
        try:
            return self.systemd.recv(4096).decode().splitlines()
        except BlockingIOError:
            return []


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        yield Rig(systemd)


def test_it_is_ready_once_and_then_alive(rig: Rig) -> None:
    assert rig.second(door=2) == ["STATUS=no frame of the camera yet; door locked; 3 people enrolled"]
    ready = rig.second(vision=10, door=2)
    assert ready == ["READY=1", "STATUS=door locked; 3 people enrolled; 10 frames/s", "WATCHDOG=1"]
    assert rig.second(vision=10, door=2) == ["WATCHDOG=1"]


def test_who_hangs_is_named_and_nothing_is_fed(rig: Rig) -> None:
    rig.second(vision=10, door=2)
    told = [line for _ in range(4) for line in rig.second(door=2)]
    assert "WATCHDOG=1" not in told
    assert told[-1] == "STATUS=the vision thread has not moved for 4 s"


def test_a_camera_that_is_away_is_fed_and_told(rig: Rig) -> None:
    rig.second(vision=10, door=2)
    told = []
    for _ in range(6):
        rig.vision.turns += 2
        told += rig.second(door=2)
    assert told.count("WATCHDOG=1") == 6
    assert "STATUS=no frame of the camera any more; door locked; 3 people enrolled" in told


def test_the_end_is_told(rig: Rig) -> None:
    rig.watch.end(anew=True)
    assert rig.systemd.recv(4096).startswith(b"RELOADING=1\n")
    rig.watch.end(anew=False)
    assert rig.systemd.recv(4096) == b"STOPPING=1\nSTATUS=stopping"
