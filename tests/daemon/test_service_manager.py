"""sd_notify(3) on real datagram sockets."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.service_manager import ServiceManager


@pytest.fixture(params=["path", "abstract"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "notify") if request.param == "path" else f"@auther-test-{os.getpid()}-{tmp_path.name}"


@pytest.fixture
def listening(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address.replace("@", "\0", 1) if address.startswith("@") else address)
        listening.settimeout(10.0)
        yield listening


def read(listening: socket.socket) -> list[str]:
    return listening.recv(4096).decode().splitlines()


def test_the_life_of_a_service(address: str, listening: socket.socket) -> None:
    service = ServiceManager({"NOTIFY_SOCKET": address})
    assert service.listens
    service.starting("loading")
    assert read(listening) == ["STATUS=loading", "WATCHDOG=1"]
    service.ready("door locked")
    assert read(listening) == ["READY=1", "STATUS=door locked", "WATCHDOG=1"]
    service.alive("door locked")
    assert read(listening) == ["WATCHDOG=1"]
    service.status("the vision thread has not moved for 3 s")
    assert read(listening) == ["STATUS=the vision thread has not moved for 3 s"]
    service.reloading()
    reloading, when, fed = read(listening)
    assert (reloading, fed) == ("RELOADING=1", "WATCHDOG=1")
    assert when.removeprefix("MONOTONIC_USEC=").isdecimal()
    service.stopping()
    assert read(listening) == ["STOPPING=1", "STATUS=stopping"]


def test_a_status_is_one_line_and_never_a_command(address: str, listening: socket.socket) -> None:
    ServiceManager({"NOTIFY_SOCKET": address}).status("failed: no such file\nREADY=1")
    assert read(listening) == ["STATUS=failed: no such file"]


@pytest.mark.parametrize("name", ["", "vsock:2:1", "relative"])
def test_nobody_who_can_be_told_is_told_nothing(name: str) -> None:
    service = ServiceManager({"NOTIFY_SOCKET": name})
    assert not service.listens
    service.ready("door locked")


def test_a_service_manager_that_is_gone_ends_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready("door locked")
    assert "the service manager can't be told" in caplog.text
