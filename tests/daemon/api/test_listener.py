"""Connections that never say anything, in TLS and without it."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from daemon.api.listener import BoundedListener, ImpatientLoop
from daemon.vision.recogniser import Recogniser
from tests.daemon.api.rig import LONG, Served, serving
from tests.daemon.mosquitto import wait_until


@pytest.fixture(params=[True, False], ids=["TLS", "plain"])
def terminal(request: pytest.FixtureRequest, tmp_path: Path, recogniser: Recogniser) -> Iterator[Served]:
    with serving(tmp_path, recogniser, tls=request.param) as served:
        yield served


def connect(served: Served) -> socket.socket:
    address = httpx.URL(served.url)
    return socket.create_connection((address.host, address.port or 0), timeout=LONG)


def ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def lives(served: Served) -> bool:
    try:
        certificate = served.folder / "tls.crt"
        if not certificate.exists():
            return httpx.get(f"{served.url}/health/live", timeout=LONG).status_code == 200
        verify = ssl.create_default_context(cafile=certificate)
        url = served.url.replace("http:", "https:")
        return httpx.get(f"{url}/health/live", verify=verify, timeout=LONG).status_code == 200
    except httpx.TransportError:
        return False


def test_connections_are_counted_before_they_say_anything(terminal: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedListener, "most", 3)
    with ExitStack() as stack:
        silent = [stack.enter_context(connect(terminal)) for _ in range(3)]
        with connect(terminal) as one_too_many:
            assert ended(one_too_many)
        assert not lives(terminal)
        silent[0].close()
        wait_until(lambda: lives(terminal), "the place of the one that left")


def test_tls_that_does_not_begin_ends_the_connection(
    tmp_path: Path, recogniser: Recogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImpatientLoop, "handshake_seconds", 0.2)
    with serving(tmp_path, recogniser, tls=True) as served, connect(served) as silent:
        assert ended(silent)
