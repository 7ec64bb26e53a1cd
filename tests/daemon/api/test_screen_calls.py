"""A screen's streams over HTTP, at the terminal itself and from elsewhere, and who is kept from them."""

import json
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest

from daemon.api.screen_server import ScreenSide, make_screen, serve_screen
from daemon.config.settings import parse
from daemon.keys import Permission
from daemon.live.guidance import Hint
from daemon.screen.board import SCREENS, ScreenBoard
from daemon.signing import Algorithm
from daemon.types import Decision, Glance, Reason
from tests.daemon.api.rig import Served
from tests.daemon.live.glances import face, frame, seen
from tests.daemon.web.client import LONG, Client
from tests.ports import free_port

WELCOME = Decision(1, Reason.GRANTED, 0.0, "grace.hopper")


@dataclass(frozen=True)
class Local:
    """A screen's own port on this machine."""

    port: int
    screen: ScreenSide

    @property
    def board(self) -> ScreenBoard:
        assert self.screen.parts is not None
        return self.screen.parts.board

    @contextmanager
    def open(self, path: str) -> Iterator[HTTPResponse]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=LONG)
        connection.request("GET", path)
        with connection.getresponse() as answer:
            yield answer
        connection.close()


@contextmanager
def serving(folder: Path, **screen: object) -> Iterator[Local]:
    settings = parse(
        {
            "storage": {"folder": str(folder)},
            "screen": {"enabled": True, "port": free_port(), "show": "name", **screen},
        },
        source="test",
    )
    made = make_screen(settings)
    with serve_screen(settings, made, observe=lambda *_: None) as server:
        assert server is not None
        port = server.wait(LONG)
        assert port is not None
        yield Local(port, made)


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Local]:
    with serving(tmp_path) as local:
        yield local


def next_event(stream: HTTPResponse) -> tuple[str, dict[str, Any]]:
    lines: list[str] = []
    while not (lines and lines[-1] == ""):
        line = stream.readline().decode().rstrip("\n")
        lines += [] if line.startswith(":") or (line == "" and not lines) else [line]
    return lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))


def next_picture(stream: HTTPResponse) -> tuple[Any, np.ndarray]:
    (length,) = struct.unpack(">I", stream.read(4))
    header = json.loads(stream.read(length))
    (length,) = struct.unpack(">I", stream.read(4))
    image = cv2.imdecode(np.frombuffer(stream.read(length), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return header, image


class TestEvents:
    def test_settings_then_how_things_stand_then_what_happens(self, local: Local) -> None:
        with local.open("/screen/events") as stream:
            assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
            kind, settings = next_event(stream)
            assert kind == "settings"
            assert {**settings, "build": "", "sent": 0} == {
                "language": "en", "view": True, "sound": False, "build": "", "sent": 0
            }  # fmt: skip
            assert next_event(stream)[0] == "standing"
            local.board.tell(WELCOME, driven=0.0)
            kind, told = next_event(stream)
            assert (kind, told["outcome"], told["name"]) == ("outcome", "welcome", "Grace Hopper")
            assert 0 <= told["sent"] - told["at"] < 1000 * LONG

    def test_what_vision_sees_becomes_a_hint(self, local: Local) -> None:
        with local.open("/screen/events") as stream:
            for number in range(30):
                local.screen.view.show(seen(at=number / 10, fault=Reason.TOO_SMALL))
            hints = []
            while Hint.COME_CLOSER.value not in hints:
                kind, data = next_event(stream)
                hints += [data["hint"]] if kind == "standing" else []

    def test_one_screen_too_many_is_told_so(self, local: Local) -> None:
        with ExitStack() as stack:
            for _ in range(SCREENS):
                next_event(stack.enter_context(local.open("/screen/events")))
            answer = Client(local.port).get("/screen/events")
        assert (answer.status, answer.json["code"]) == (429, "L_001")

    def test_head_is_answered_at_once_and_takes_no_place(self, local: Local) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{local.port}", timeout=LONG) as client:
            for path in ("/screen/events", "/screen/view"):
                for _ in range(SCREENS + 1):
                    answer = client.head(path)
                    assert (answer.status_code, answer.content) == (200, b"")


class TestView:
    def test_is_the_newest_frame(self, local: Local) -> None:
        with local.open("/screen/view") as stream:
            for shade in (40, 200):
                image = np.full((48, 64, 3), shade, np.uint8)
                local.screen.view.show(Glance(frame(image=image), (face(),)))
                header, shown = next_picture(stream)
                assert shown.shape == image.shape
                assert abs(float(shown.mean()) - shade) < 3
                # Whose face it is and where is for the console.
                assert header == {}

    def test_is_kept_back_where_it_is_not_to_be_shown(self, tmp_path: Path) -> None:
        with serving(tmp_path, view=False) as local:
            assert Client(local.port).get("/screen/view").json["code"] == "NF_003"

    def test_one_watcher_too_many_is_told_so(self, local: Local) -> None:
        local.screen.view.show(Glance(frame(image=np.zeros((8, 8, 3), np.uint8))))
        with ExitStack() as stack:
            for _ in range(SCREENS):
                next_picture(stack.enter_context(local.open("/screen/view")))
            assert Client(local.port).get("/screen/view").status == 429


class TestAdmission:
    @pytest.mark.parametrize("path", ["/screen/events", "/screen/view"])
    @pytest.mark.parametrize(
        "headers",
        [
            {"Host": "door.evil.example"},
            {"Host": "192.0.2.7:8480"},
            {"Host": "127.0.0.1.evil.example:8480"},
            {"X-Forwarded-For": "127.0.0.1"},
            {"Forwarded": "for=127.0.0.1"},
            {"X-Real-IP": "127.0.0.1"},
            {"Via": "1.1 proxy"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
        ids=str,
    )
    def test_what_comes_by_way_of_others_gets_nothing(self, local: Local, path: str, headers: dict[str, str]) -> None:
        answer = Client(local.port).get(path, headers)
        assert (answer.status, answer.json["code"]) == (403, "A_007")

    def test_other_addresses_of_this_machine_are_not_listened_at(self, local: Local) -> None:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", local.port), timeout=LONG)

    def test_its_own_port_serves_nothing_but_the_screen(self, local: Local) -> None:
        client = Client(local.port)
        assert client.get("/screen").status == client.get("/").status == 200
        for path in ("/console", "/device/status", "/openapi.json", "/metrics"):
            assert client.get(path).json["code"] == "NF_003"

    @pytest.mark.parametrize("headers", [{}, {"X-Forwarded-For": "127.0.0.1"}, {"Host": "localhost"}], ids=str)
    def test_at_the_api_s_address_nobody_is_let_in_without_a_key(self, served: Served, headers: dict[str, str]) -> None:
        for path in ("/screen/events", "/screen/view"):
            answer = httpx.get(f"{served.url}{path}", headers=headers, timeout=LONG)
            assert (answer.status_code, answer.json()["code"]) == (401, "A_001")

    def test_a_key_made_for_it_lets_in(self, served: Served) -> None:
        value = served.keys.create("lobby", [Permission.SCREEN]).value
        bearer = {"Authorization": f"Bearer {value}"}
        with httpx.stream("GET", f"{served.url}/screen/events", headers=bearer, timeout=LONG) as answer:
            assert answer.status_code == 200
            assert "set-cookie" not in answer.headers
            assert next(answer.iter_lines()) == "event: settings"

    def test_a_key_whose_requests_are_signed_is_not_for_a_screen(self, served: Served) -> None:
        made = served.keys.create("signed", [Permission.SCREEN], algorithm=Algorithm.HMAC)
        answer = httpx.get(f"{served.url}/screen/events", headers={"Api-Key": made.value}, timeout=LONG)
        assert answer.json()["code"] == "G_001"


def test_without_a_screen_there_is_none(tmp_path: Path) -> None:
    settings = parse({"storage": {"folder": str(tmp_path)}}, source="test")
    screen = make_screen(settings)
    with serve_screen(settings, screen, observe=lambda *_: None) as server:
        assert (screen.parts, server) == (None, None)
