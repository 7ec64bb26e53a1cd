"""How the server comes to its port."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp

from daemon.api.server import ApiServer
from daemon.backoff import Backoff
from daemon.config.settings import Api


class GivingWay(Backoff):
    """Waits hardly between attempts, and frees the port after the third."""

    def __init__(self, taker: socket.socket) -> None:
        super().__init__(shortest=0.001, longest=0.001)
        self.taker, self.waits = taker, 0

    def next(self) -> float:
        self.waits += 1
        if self.waits == 3:
            self.taker.close()
        return super().next()


def test_a_port_that_another_program_has_is_told_once_and_taken_when_it_is_free(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    built = []

    @contextmanager
    def build() -> Iterator[ASGIApp]:
        built.append(True)
        yield Starlette()

    with socket.create_server(("127.0.0.1", 0)) as taker:
        port = taker.getsockname()[1]
        server = ApiServer(settings=Api(port=port, tls=False), folder=tmp_path, build=build, backoff=GivingWay(taker))
        server.start()
        try:
            assert server.wait(30) == port
        finally:
            server.close()
    (told,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert told == (
        f"the API is not served: another program has port {port} (`ss -ltnp` names it); stop it, or change api.port;"
        " trying again"
    )
    assert len(built) == 1
