"""The terminal's own calls: status, door, events, enrolment at the camera, health, metrics, documentation."""

import json
import re
import ssl
import threading
from collections.abc import Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from daemon.api import build
from daemon.api.live import WATCHERS
from daemon.api.operations import Call, NoBody, Operation, Stream
from daemon.api.server import ApiServer
from daemon.config.settings import parse
from daemon.config.shown import shown
from daemon.errors import Busy
from daemon.events.live_feed import LISTENERS
from daemon.vision.camera_state import CameraState
from daemon.vision.recogniser import Recogniser
from hw.camera import Frame
from models.geometry import Image
from tests.daemon.api.rig import LONG, Served, jpeg, serving
from tests.daemon.mosquitto import wait_until


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["code"])


def test_status_tells_how_the_terminal_is(client: httpx.Client, enrolled: str) -> None:
    status = client.get("/device/status").json()
    assert status["people"] == 1
    assert status["device"] == "terminal"
    assert status["model"].startswith("mobilefacenet")
    assert enrolled not in json.dumps(status)


def test_the_door_is_shown_and_commanded(tmp_path: Path, recogniser: Recogniser) -> None:
    with serving(tmp_path, recogniser) as served, served.client() as client:
        assert client.get("/device/door").json() == {"door": None}
        served.terminal.feed.tell({"kind": "door", "lock": "locked", "lockdown": False, "contact": None})
        assert client.get("/device/door").json()["door"]["lock"] == "locked"
        for action, more in (("unlock", {"seconds": 5}), ("lock", {}), ("lockdown", {})):
            answer = client.post("/device/door", json={"action": action, **more})
            assert answer.json() == {"accepted": action}
        assert code(client.post("/device/door", json={"action": "unlock"})) == (409, "D_001")
        assert code(client.post("/device/door", json={"action": "lock", "seconds": 1})) == (400, "R_002")
        assert code(client.post("/device/door", json={"action": "explode"})) == (400, "R_002")
        assert client.post("/device/door", json={"action": "end_lockdown"}).status_code == 200
        assert served.terminal.door.asked == [("unlock", 5), ("lock", None), ("lockdown", 1), ("lockdown", 0)]  # type: ignore[attr-defined]


def test_a_pin_is_entered(tmp_path: Path, recogniser: Recogniser) -> None:
    with serving(tmp_path, recogniser) as served, served.client() as client:
        assert client.get("/device/pin").json() == {"waitingFor": "anna"}
        assert client.post("/device/pin", json={"pin": "1234"}).json() == {"opened": False}
        assert client.post("/device/pin", json={"pin": "4711"}).json() == {"opened": True}
        assert client.get("/device/pin").json() == {"waitingFor": None}
        for wrong in ("987", "9" * 13, 98765):
            refused = client.post("/device/pin", json={"pin": wrong})
            assert code(refused) == (400, "R_002")
            assert str(wrong) not in refused.text


def test_events_come_in_pages(tmp_path: Path, recogniser: Recogniser) -> None:
    with serving(tmp_path, recogniser) as served, served.client() as client:
        for number in range(5):
            served.terminal.outbox.append("access", {"decision": "denied", "number": number})
        page = client.get("/device/events", params={"limit": 2}).json()
        assert [event["number"] for event in page["events"]] == [4, 3]
        page = client.get("/device/events", params={"limit": 3, "before": page["next"]}).json()
        assert [event["number"] for event in page["events"]] == [2, 1, 0]
        assert page["next"] is None
        for wrong in ("0", "501", "x", "1e2", "٣", "-1", ""):
            assert code(client.get("/device/events", params={"limit": wrong})) == (400, "R_011")


def test_events_are_streamed_live(served: Served, client: httpx.Client) -> None:
    with client.stream("GET", "/device/events/stream") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        assert next(lines) == ": listening"
        served.terminal.feed.tell({"kind": "access", "seq": 7, "person_id": "a\nb"})
        wanted = ["", "id: 7", "event: access", 'data: {"kind": "access", "seq": 7, "person_id": "a\\nb"}']
        assert [next(lines) for _ in wanted] == wanted


def test_head_of_a_stream_is_answered_at_once_and_listens_to_nothing(client: httpx.Client) -> None:
    for path in ("/device/events/stream", "/device/live"):
        for _ in range(LISTENERS + 1):
            answer = client.head(path)
            assert (answer.status_code, answer.content) == (200, b"")
            assert answer.headers["Content-Type"].startswith("text/event-stream")


def test_one_listener_too_many_is_told_so(tmp_path: Path, recogniser: Recogniser) -> None:
    with serving(tmp_path, recogniser) as served, served.client() as client, ExitStack() as listening:
        for _ in range(LISTENERS):
            listening.enter_context(client.stream("GET", "/device/events/stream"))
        assert code(client.get("/device/events/stream")) == (429, "L_001")
        listening.close()
        wait_until(lambda: client.head("/device/events/stream").status_code == 200, "a place of those that left")


@pytest.mark.parametrize(("name", "most"), [("streamEvents", LISTENERS), ("watchLive", WATCHERS)])
def test_a_place_is_taken_before_the_answer(
    tmp_path: Path, recogniser: Recogniser, monkeypatch: pytest.MonkeyPatch, name: str, most: int
) -> None:
    served_operations: dict[str, Operation[Any]] = {}

    def keep(operations: Iterable[Operation[Any]]) -> tuple[Operation[Any], ...]:
        served_operations.update((one.id, one) for one in operations)
        return tuple(served_operations.values())

    monkeypatch.setattr(build, "with_documentation", keep)
    with serving(tmp_path, recogniser):
        begin = partial(served_operations[name].handler, Call("test", None, {}, {}), NoBody())
        streams = [begin() for _ in range(most)]
        with pytest.raises(Busy):
            begin()
        for stream in streams:
            assert isinstance(stream, Stream)
            stream.close()
        assert isinstance(begin(), Stream)


def test_who_stands_at_the_camera_is_enrolled(tmp_path: Path, recogniser: Recogniser, grace: Image) -> None:
    with serving(tmp_path, recogniser) as served, served.client() as client:
        over = threading.Event()

        def film() -> None:
            number = 0
            while not over.is_set():
                number += 1
                served.slot.put(Frame(grace, number * 1.0, number * 1.0, number), wait=True)

        camera = threading.Thread(target=film)
        camera.start()
        try:
            answer = client.post("/device/enrol", json={"personId": "grace", "seconds": 60})
        finally:
            over.set()
            served.slot.close()
            camera.join(LONG)
        assert (answer.status_code, answer.json()["personId"]) == (200, "grace")
        assert served.terminal.store.person("grace").templates == 3


def test_health(served: Served) -> None:
    served.camera.set(CameraState.OPENING, "wait: the camera is being opened")
    with httpx.Client(base_url=served.url) as anybody:
        assert anybody.get("/health/live").json()["status"] == "up"
        answer = anybody.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
        assert answer.json()["reasons"] == ["the camera is opening: wait: the camera is being opened"]
        served.camera.set(CameraState.OK)
        assert anybody.get("/health/ready").json() == {"status": "ready", "reasons": []}


def test_a_camera_that_fails_is_named_with_advice(client: httpx.Client, served: Served) -> None:
    served.camera.set(CameraState.ABSENT, "/dev/video0: no such device; list cameras")
    camera = client.get("/device/status").json()["camera"]
    assert (camera["state"], camera["advice"]) == ("absent", "/dev/video0: no such device; list cameras")
    assert client.get("/health/ready").json()["reasons"] == [f"the camera is absent: {camera['advice']}"]
    text = client.get("/metrics").text
    assert 'auther_camera_state{state="absent"} 1.0' in text
    assert 'auther_camera_state{state="ok"} 0.0' in text


def test_a_camera_that_sees_badly_still_lets_people_in(client: httpx.Client, served: Served) -> None:
    served.camera.set(CameraState.DARK)
    assert client.get("/health/ready").status_code == 200


def test_metrics_count_calls_and_stages(client: httpx.Client, served: Served, grace: Image) -> None:
    client.post("/identify", json={"faceImage": jpeg(grace)})
    served.terminal.metrics.happening({"kind": "access", "decision": "denied", "reason": "spoof", "relay_ms": None})
    text = client.get("/metrics").text
    assert re.search(r'auther_api_seconds_count\{call="identify",status="4\d\d"\} \d', text)
    assert 'auther_decisions_total{decision="denied",reason="spoof"} 1.0' in text
    assert "auther_outbox_events 0.0" in text


def test_the_configuration_is_shown_without_secrets(client: httpx.Client) -> None:
    assert client.get("/device/config").json()["configuration"]["api"]["tls"] is False
    settings = parse(
        {"camera": {"backend": "webcam", "source": "rtsp://admin:hunter2@camera/1"}}, source="the test's settings"
    )
    assert "hunter2" not in json.dumps(shown(settings))
    assert "camera/1" in json.dumps(shown(settings))


def test_the_documentation_loads_nothing_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/docs")
    assert page.headers["Content-Type"].startswith("text/html")
    for path in ("/docs", "/docs.css", "/docs.js"):
        assert not re.search(
            r"(?:https?:)?//[a-z]", re.sub(r"^\s*//.*$", "", client.get(path).text, flags=re.MULTILINE)
        )
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_tls_with_a_certificate_of_its_own(tmp_path: Path, recogniser: Recogniser) -> None:
    with serving(tmp_path, recogniser, tls=True) as served:
        context = ssl.create_default_context(cafile=tmp_path / "tls.crt")
        answer = httpx.get(served.url.replace("http:", "https:") + "/health/live", verify=context)
        assert answer.status_code == 200
        assert (tmp_path / "tls.key").stat().st_mode & 0o077 == 0
        assert (tmp_path / "signing.key").stat().st_mode & 0o077 == 0


def test_a_server_that_fails_is_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tried = threading.Event()
    attempts: list[int] = []

    def build() -> "ApiServer":
        attempts.append(1)
        if len(attempts) == 2:
            tried.set()
        raise RuntimeError("no such luck")

    settings = parse({"api": {"port": 0, "tls": False}}, source="the test's settings").api
    server = ApiServer(settings=settings, folder=tmp_path, build=build)  # type: ignore[arg-type]
    server.start()
    assert tried.wait(LONG)
    server.close()
    assert "no such luck" in caplog.text
