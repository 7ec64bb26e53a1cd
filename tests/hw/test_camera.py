"""What every camera promises, of each back end."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from hw.camera import Camera, Image
from hw.errors import CameraError
from hw.replay import Replay
from hw.simulated import SimulatedCamera
from hw.webcam import Webcam


@pytest.fixture(params=["video", "video in real time", "folder", "simulated", "webcam"])
def camera(request: pytest.FixtureRequest) -> Iterator[Camera]:
    camera = _open(request)
    yield camera
    camera.close()


def _open(request: pytest.FixtureRequest) -> Camera:
    if request.param == "webcam":
        server = request.getfixturevalue("mjpeg")
        return Webcam(source=server.address("/live"), width=160, height=120, fps=30, timeout_seconds=10)
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
    assert [number_of(frame.image) for frame in frames] == [frame.sequence for frame in frames]
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
