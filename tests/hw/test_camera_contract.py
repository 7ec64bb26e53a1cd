"""What every camera promises, of each back end for which there is a real source here.

Not here: a V4L2 device (v4l2loopback is a kernel module), Argus and Picamera2 (their boards). Argus' class differs from
the GStreamer one by its pipeline; what goes to Picamera2 is told in test_picamera.py.
"""

import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hw.camera import Camera, Image
from hw.errors import CameraError, CameraStalled
from hw.gstreamer import GStreamerCamera
from hw.replay import Replay
from hw.simulated import SimulatedCamera
from hw.webcam import Webcam
from tests.hw.live_server import LiveServer, age_of

pytestmark = pytest.mark.alone  # what is seen and said in time: nothing else may have the processor


@pytest.fixture(params=["video", "video in real time", "folder", "simulated", "webcam", "mjpeg", "rtsp", "gstreamer"])
def camera(request: pytest.FixtureRequest) -> Iterator[Camera]:
    camera = _open(request)
    yield camera
    camera.close()


def _open(request: pytest.FixtureRequest) -> Camera:
    if request.param == "webcam":
        server = request.getfixturevalue("mjpeg")
        return Webcam(source=server.address("/live"), width=160, height=120, fps=30, timeout_seconds=10)
    if request.param in ("mjpeg", "rtsp"):
        live: LiveServer = request.getfixturevalue("live_servers")(request.param)
        live.start()
        return Webcam(source=live.address, width=160, height=120, fps=30, timeout_seconds=20)
    if request.param == "gstreamer":
        film = request.getfixturevalue("record")(count=100)
        source = f"filesrc location={film} ! avidemux ! jpegdec ! identity sync=true"
        return GStreamerCamera(source=source, width=160, height=120, fps=30, timeout_seconds=20)
    if request.param == "simulated":
        draw: Callable[[int], Image] = request.getfixturevalue("draw")
        return SimulatedCamera(images=[draw(number) for number in range(12)])
    if request.param == "folder":
        return Replay(path=request.getfixturevalue("folder"), realtime=False)
    record: Callable[..., Path] = request.getfixturevalue("record")
    clock = request.getfixturevalue("clock")
    realtime = "real time" in request.param
    return Replay(path=record(count=12), realtime=realtime, clock=clock, sleep=clock.sleep)


def test_delivers_numbered_bgr_pictures(camera: Camera, number_of: Callable[[Image], int]) -> None:
    frames = [camera.read() for _ in range(5)]

    assert all(frame.image.dtype == np.uint8 and frame.image.shape[2] == 3 for frame in frames)
    numbers = [number_of(frame.image) for frame in frames]
    for (before, after), (first, second) in zip(pairwise(numbers), pairwise(frames), strict=True):
        # What a pipeline drops by itself is not counted.
        assert 0 < second.sequence - first.sequence <= (after - before) % 256
    sequence = [frame.sequence for frame in frames]
    assert sequence == sorted(set(sequence))


def test_pictures_are_read_only(camera: Camera) -> None:
    image = camera.read().image
    with pytest.raises(ValueError, match="read-only"):
        image[0, 0] = 0


def test_times_only_increase_and_both_clocks_agree(camera: Camera) -> None:
    frames = [camera.read() for _ in range(5)]

    times = [frame.captured for frame in frames]
    assert times == sorted(times)
    assert times[0] < times[-1]
    assert frames[-1].wall - frames[0].wall == pytest.approx(times[-1] - times[0], abs=5)


@pytest.mark.parametrize("camera", ["mjpeg", "rtsp"], indirect=True)
def test_after_a_stall_no_picture_that_had_piled_up_is_delivered(
    camera: Camera, live_servers: Callable[[str], LiveServer], number_of: Callable[[Image], int], request: Any
) -> None:
    camera.read()
    live_servers(request.node.callspec.params["camera"]).pause(2.5)
    frames = [camera.read() for _ in range(40)]
    # The burst's pictures are up to 2.5 s old when they arrive, and count as taken then.
    assert max(age_of(frame, number_of(frame.image)) for frame in frames[1:]) < 0.6


@pytest.mark.parametrize("kind", ["mjpeg", "rtsp"])
def test_a_server_that_is_killed_ends_the_camera_and_is_back_with_another_size(
    kind: str, live_servers: Callable[[str], LiveServer]
) -> None:
    server = live_servers(kind)
    server.start()
    first = open_address(server.address)
    assert first.read().image.shape == (120, 160, 3)
    server.kill()
    with pytest.raises(CameraError, match=rf"{server.label}: .*; check") as raised:
        read_on(first)
    assert "secret" not in str(raised.value)
    first.close()
    server.start(size=(320, 240))
    second = open_address(server.address)
    assert second.read().image.shape == (240, 320, 3)
    second.close()


@pytest.mark.parametrize("kind", ["mjpeg", "rtsp"])
def test_a_server_that_hangs_is_a_stall(kind: str, live_servers: Callable[[str], LiveServer]) -> None:
    server = live_servers(kind)
    server.start()
    camera = open_address(server.address, timeout_seconds=5)
    camera.read()
    server.freeze()
    with pytest.raises(CameraStalled, match=r"no frame for 5 s"):
        read_on(camera)
    camera.close()


@pytest.mark.parametrize("kind", ["mjpeg", "rtsp"])
def test_a_wrong_password_is_refused(kind: str, live_servers: Callable[[str], LiveServer]) -> None:
    server = live_servers(kind)
    server.start()
    camera = open_address(server.address.replace("secret", "guessed"))
    with pytest.raises(CameraError, match=r"check .* user and password") as raised:
        camera.read()
    assert "guessed" not in str(raised.value)
    camera.close()


def open_address(address: str, *, timeout_seconds: float = 20) -> Webcam:
    return Webcam(source=address, width=160, height=120, fps=30, timeout_seconds=timeout_seconds)


def read_on(camera: Camera) -> None:
    for _ in range(1000):
        camera.read()


def test_says_whether_every_frame_counts(camera: Camera) -> None:
    assert camera.lossless in (True, False)


def test_closed_camera_reads_nothing_and_closes_again(camera: Camera) -> None:
    camera.read()
    camera.close()
    camera.close()
    with pytest.raises(CameraError, match=r"closed"):
        camera.read()


@pytest.mark.usefixtures("in_time")
@pytest.mark.parametrize("kind", ["replay", "webcam"])
def test_close_ends_a_read_that_waits(kind: str, request: pytest.FixtureRequest) -> None:
    camera = _open_waiting(kind, request)
    ended: list[str] = []

    def read_on() -> None:
        try:
            while True:
                camera.read()
        except CameraError as error:
            ended.append(str(error))

    reader = threading.Thread(target=read_on)
    reader.start()
    camera.close()
    reader.join(20)

    assert len(ended) == 1
    assert "closed" in ended[0]


def _open_waiting(kind: str, request: pytest.FixtureRequest) -> Camera:
    """A camera whose next frames are far away."""
    if kind == "replay":
        return Replay(path=request.getfixturevalue("folder"), fps=0.001)
    server = request.getfixturevalue("mjpeg")
    camera = Webcam(source=server.address("/stall"), width=160, height=120, fps=30, timeout_seconds=60)
    server.wait_until_sent(60)
    return camera
