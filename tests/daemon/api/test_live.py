"""The live view for commissioning: pictures, boxes, scores, and how far an enrolment is."""

import base64
import json
import threading
from collections.abc import Iterator
from itertools import count
from typing import Any

import cv2
import httpx
import numpy as np
import pytest

from daemon.keys import Permission
from hw.camera import Frame
from models.geometry import Image
from tests.daemon.api.rig import LONG, Served


@pytest.fixture
def filming(served: Served, grace: Image) -> Iterator[None]:
    """A camera in front of which Grace Hopper sits."""
    over, numbers = threading.Event(), count()

    def film() -> None:
        while not over.wait(0.03):
            number = next(numbers)
            served.slot.put(Frame(grace, number / 30, 1_790_000_000.0 + number / 30, number), wait=False)

    thread = threading.Thread(target=film)
    thread.start()
    yield
    over.set()
    thread.join()


def frames(client: httpx.Client) -> Iterator[dict[str, Any]]:
    with client.stream("GET", "/device/live", timeout=LONG) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


@pytest.mark.usefixtures("filming")
def test_a_frame_comes_with_its_faces_and_what_was_made_of_them(client: httpx.Client, grace: Image) -> None:
    stream = frames(client)
    frame = next(one for one in stream if one["faces"] and one["faces"][0]["cues"])
    stream.close()  # type: ignore[attr-defined]
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(frame["jpeg"]), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape[:2] == (frame["height"], frame["width"])
    assert frame["width"] == min(640, grace.shape[1])
    (face,) = frame["faces"]
    left, top, width, height = face["box"]
    assert 0 < left < left + width < frame["width"]
    assert 0 < top < top + height < frame["height"]
    assert {one["name"] for one in face["quality"]} >= {"size", "yaw", "pitch", "roll", "sharpness", "brightness"}
    assert all(one["ok"] for one in face["quality"])
    assert face["cues"][0]["name"] == "liveness"
    assert face["state"] in {"watching", "granted", "denied"}
    assert frame["enrolment"] is None


@pytest.mark.usefixtures("filming")
def test_an_enrolment_at_the_camera_is_followed(client: httpx.Client, served: Served) -> None:
    enrolment = threading.Thread(
        target=lambda: client.post("/device/enrol", json={"personId": "followed", "seconds": 30}, timeout=LONG)
    )
    stream = frames(client)
    next(stream)
    enrolment.start()
    seen = next(one["enrolment"] for one in stream if one["enrolment"] and one["enrolment"]["taken"])
    assert (seen["personId"], seen["wanted"]) == ("followed", 3)
    assert 1 <= seen["taken"] <= 3
    stream.close()  # type: ignore[attr-defined]
    enrolment.join()
    assert client.delete("/person/followed").status_code == 200
    assert served.terminal.enrolment.progress is None


def test_it_shows_faces_to_those_alone_who_may_see_them(served: Served) -> None:
    with served.client(Permission.DEVICE, Permission.PERSONS) as client:
        assert client.get("/device/live").json()["code"] == "A_003"


@pytest.mark.usefixtures("filming")
def test_no_more_than_a_few_watch(served: Served) -> None:
    with served.client(Permission.WATCH) as client:
        watching = [frames(client) for _ in range(4)]
        for one in watching:
            next(one)
        refused = client.get("/device/live")
        assert (refused.status_code, refused.json()["code"]) == (429, "L_001")
        for one in watching:
            one.close()  # type: ignore[attr-defined]
