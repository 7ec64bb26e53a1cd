"""Too slow, too many, too long: the terminal goes on, and no upload ever reaches the door."""

import asyncio
import collections
import itertools
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import numpy as np
import pytest

from daemon.api import build
from daemon.api.protocol import HEADER_SECONDS, GuardedProtocol
from daemon.config.settings import Api
from daemon.keys import Permission
from daemon.vision.recogniser import Recogniser
from models.geometry import Image
from tests.daemon.api.rig import LONG, RecordedDoor, Served, jpeg, serving

CLIENTS = 500


def connect(served: Served) -> socket.socket:
    host, port = served.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=LONG)


@contextmanager
def answered(served: Served) -> Iterator[socket.socket]:
    """A connection that has had one answer and stays for the next request."""
    with connect(served) as connection:
        connection.sendall(b"HEAD /health/live HTTP/1.1\r\nHost: terminal\r\n\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        yield connection


@pytest.mark.parametrize("begun", [b"", b"GET /health/live HTTP/1.1\r\nHost: terminal\r\nX-Slow: "])
def test_headers_that_do_not_come_end_the_connection(
    served: Served, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(GuardedProtocol, "header_seconds", 0.2)
    with connect(served) as slow:
        slow.sendall(begun)
        assert client.get("/health/live").status_code == 200
        assert slow.recv(1) == b""


def test_nor_do_those_of_a_second_request(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedProtocol, "header_seconds", 0.2)
    with answered(served) as slow:
        slow.sendall(b"GET /health")
        assert slow.recv(1) == b""


def test_blank_lines_are_no_headers(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedProtocol, "header_seconds", 0.2)
    with answered(served) as slow:
        slow.sendall(b"\r\n")
        assert _until(slow, b"never")[:12] in {b"", b"HTTP/1.1 400"}


def test_an_answer_may_take_longer_than_headers(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedProtocol, "header_seconds", 0.2)
    value = served.keys.create("listener", [Permission.VIEW]).value
    with connect(served) as listener:
        listener.sendall(f"GET /device/events/stream HTTP/1.1\r\nHost: t\r\nApi-Key: {value}\r\n\r\n".encode())
        assert b": listening" in _until(listener, b": listening")
        time.sleep(0.6)
        served.terminal.feed.tell({"kind": "decision"})
        assert b"event: decision" in _until(listener, b"event: decision")


def test_the_rest_of_an_answered_body_is_not_waited_for_without_end(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GuardedProtocol, "lingering_seconds", 0.2)
    with connect(served) as slow:
        slow.sendall(b"POST /identify HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000\r\n\r\n{")
        assert _until(slow, b"A_001").startswith(b"HTTP/1.1 401")
        assert _refused(slow, _trickle(HEADER_SECONDS / 2))


def test_an_answer_that_nobody_reads_ends_the_connection(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardedProtocol, "lingering_seconds", 0.2)
    with connect(served) as greedy:
        with suppress(ConnectionResetError, BrokenPipeError):
            greedy.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: t\r\n\r\n" * 200)
        assert _refused(greedy, _trickle())


def _trickle(seconds: float = LONG) -> Iterator[bytes]:
    """A byte now and then."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        time.sleep(0.05)
        yield b"x"


def _until(connection: socket.socket, words: bytes) -> bytes:
    content = b""
    while words not in content and (part := connection.recv(65_536)):
        content += part
    return content


POST = b"POST /identify HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /health/live HTTP/1.1\r\nX-Long: ",
        b"GET /health/live?",
        POST + b"0\r\nX-Trailer: ",
        POST + b"1;extension=",
    ],
)
def test_what_is_no_body_is_not_read_without_end(
    served: Served, client: httpx.Client, caplog: pytest.LogCaptureFixture, begun: bytes
) -> None:
    with connect(served) as endless:
        endless.sendall(begun)
        assert _refused(endless, itertools.repeat(b"x" * 4096, 3000))
    assert client.get("/health/live").status_code == 200
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("key", ["identify", "none"])
def test_a_body_that_turns_out_to_be_none_is_no_failure_of_ours(
    served: Served, client: httpx.Client, caplog: pytest.LogCaptureFixture, key: str
) -> None:
    value = served.keys.create(f"broken {key}", [Permission.IDENTIFY]).value if key == "identify" else "wrong"
    head = f"POST /identify HTTP/1.1\r\nHost: t\r\nApi-Key: {value}\r\nContent-Type: application/json\r\n"
    with connect(served) as broken:
        broken.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{    \r\n")
        if key == "none":
            assert _until(broken, b"A_002")
        broken.sendall(b"no chunk\r\n\r\n")
        assert _refused(broken, _trickle())
    assert client.get("/health/live").status_code == 200
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_many_small_headers_are_not_read_without_end(served: Served, client: httpx.Client) -> None:
    with connect(served) as endless:
        endless.sendall(b"GET /health/live HTTP/1.1\r\n")
        assert _refused(endless, (b"X-%d: x\r\n" % number for number in range(100_000)))
    assert client.get("/health/live").status_code == 200


def _refused(connection: socket.socket, pieces: Iterable[bytes]) -> bool:
    try:
        for piece in pieces:
            connection.sendall(piece)
    except (ConnectionResetError, BrokenPipeError):
        return True
    return False


def test_a_body_in_small_chunks_is_read(served: Served) -> None:
    value = served.keys.create("small", [Permission.IDENTIFY]).value
    picture = jpeg(np.full((480, 640, 3), 128, np.uint8))
    pieces = iter([b'{"faceImage": "', *(picture[at : at + 64].encode() for at in range(0, len(picture), 64)), b'"}'])
    headers = {"Api-Key": value, "Content-Type": "application/json"}
    with served.client() as client:
        assert client.post("/identify", content=pieces, headers=headers).json()["code"] == "F_001"


def test_a_body_that_does_not_come_is_not_waited_for(
    tmp_path: Path, recogniser: Recogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "BODY_SECONDS", 0.2)
    with serving(tmp_path, recogniser) as served, connect(served) as slow:
        value = served.keys.create("slow", [Permission.IDENTIFY]).value
        head = f"POST /identify HTTP/1.1\r\nHost: t\r\nApi-Key: {value}\r\nContent-Type: application/json\r\n"
        slow.sendall(head.encode() + b"Content-Length: 1000\r\n\r\n{")
        assert slow.recv(65_536).startswith(b"HTTP/1.1 408")


def test_nonsense_is_answered_and_forgotten(served: Served, client: httpx.Client) -> None:
    for nonsense in (b"\0\xff" * 100, b"GET / HTTP/9.9\r\n\r\n", b"GET /" + b"a" * 100_000, b"\x16\x03\x01\x02\0"):
        with connect(served) as odd:
            odd.sendall(nonsense)
            odd.shutdown(socket.SHUT_WR)
            assert odd.recv(65_536)[:10] in {b"HTTP/1.1 4", b""}
    assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize("origin", ["http://t", "HTTPS://terminal.example:8443", "http://[::1]:1"])
def test_a_request_as_to_a_proxy_is_answered(served: Served, origin: str) -> None:
    with connect(served) as odd:
        odd.sendall(f"HEAD {origin}/health/live?x HTTP/1.1\r\nHost: t\r\n\r\n".encode())
        assert odd.recv(65_536).startswith(b"HTTP/1.1 200")


def test_five_hundred_clients_at_once_are_all_answered(served: Served, client: httpx.Client) -> None:
    picture = jpeg(np.full((48, 64, 3), 128, np.uint8))
    value = served.keys.create("crowd", [Permission.IDENTIFY]).value

    async def all_at_once() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=CLIENTS)
        async with httpx.AsyncClient(base_url=served.url, timeout=4 * LONG, limits=limits) as crowd:
            calls = (
                crowd.post("/identify", json={"faceImage": picture}, headers={"Api-Key": value}) for _ in range(CLIENTS)
            )
            return await asyncio.gather(*calls)

    answers = asyncio.run(all_at_once())
    counted = collections.Counter((answer.status_code, answer.json()["code"]) for answer in answers)
    assert counted.keys() <= {(400, "F_001"), (429, "L_001")}
    assert counted[400, "F_001"] >= Api().max_pictures
    assert all(answer.headers["Retry-After"] for answer in answers if answer.status_code == 429)
    assert client.get("/health/live").status_code == 200


def test_no_upload_reaches_policy_or_door(served: Served, client: httpx.Client, enrolled: str, grace: Image) -> None:
    for _ in range(10):
        assert client.post("/identify", json={"faceImage": jpeg(grace)}).json()["personId"] == enrolled
        assert client.post(f"/verify/{enrolled}", json={"faceImage": jpeg(grace)}).status_code == 200
    assert served.decisions == []
    assert isinstance(served.terminal.door, RecordedDoor)
    assert "unlock" not in dict(served.terminal.door.asked)
