"""Cameras in processes of the system's Python, with real pipelines of GStreamer."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from hw.camera import Region
from hw.errors import CameraError, CameraStalled
from hw.gstreamer import ArgusCamera, GStreamerCamera, argus_pipeline
from hw.picamera import PiCamera
from hw.process_camera import SYSTEM_PYTHON, ProcessCamera

ROOT = Path(__file__).parent.parent.parent

OPTIONS = {"width": 160, "height": 120, "fps": 30.0, "timeout_seconds": 20.0}
BALL = "videotestsrc is-live=true pattern=ball"


def gstreamer(source: str = BALL, **options: float) -> GStreamerCamera:
    return GStreamerCamera(source=source, **{**OPTIONS, **options})  # type: ignore[arg-type]


@pytest.fixture
def camera() -> Iterator[GStreamerCamera]:
    camera = gstreamer()
    yield camera
    camera.close()


def test_a_frame_says_when_it_came_into_the_pipeline(camera: GStreamerCamera) -> None:
    before = time.monotonic()
    frames = [camera.read() for _ in range(10)]
    assert before - 20 < frames[0].captured
    assert all(first.captured < second.captured <= time.monotonic() for first, second in pairwise(frames))


def test_a_width_whose_rows_are_padded() -> None:
    camera = gstreamer("videotestsrc is-live=true pattern=smpte", width=162)
    image = camera.read().image
    camera.close()
    assert image.shape == (120, 162, 3)
    # The colour bars of SMPTE stand upright: rows are alike.
    assert abs(image[10].astype(int) - image[60].astype(int)).max() < 3


def test_a_process_that_hangs_is_a_stall_and_can_be_closed() -> None:
    camera = gstreamer(timeout_seconds=0.5)
    camera.read()
    os.kill(camera.process, signal.SIGSTOP)
    with pytest.raises(CameraStalled, match=r"^GStreamer source videotestsrc: no frame for 0\.5 s; try the source"):
        read_on(camera)
    camera.close()
    with pytest.raises(ProcessLookupError):
        os.kill(camera.process, 0)


def test_a_process_that_dies_ends_the_camera(camera: GStreamerCamera) -> None:
    camera.read()
    os.kill(camera.process, signal.SIGKILL)
    with pytest.raises(CameraError, match=r"stopped delivering frames after \d+; try the source"):
        read_on(camera)


def test_signals_meant_for_the_terminal_leave_it_alone(camera: GStreamerCamera) -> None:
    camera.read()
    os.kill(camera.process, signal.SIGTERM)
    os.kill(camera.process, signal.SIGINT)
    assert [camera.read() for _ in range(5)]


def test_metering_is_asked_of_a_source_that_knows_none(camera: GStreamerCamera) -> None:
    camera.read()
    for _ in range(3):
        camera.meter(Region(1, 2, 3, 4), 77.0)
    assert [camera.read() for _ in range(5)]
    camera.close()
    camera.meter(None, 0.0)


@pytest.mark.parametrize(
    ("open_camera", "reason"),
    [
        (lambda: gstreamer("v4l2src device=/dev/video63"), "Cannot identify device '/dev/video63'"),
        (lambda: gstreamer("nosuchelement"), 'the pipeline can\'t be made: .*no element "nosuchelement"'),
        (lambda: gstreamer("videotestsrc num-buffers=1"), "the source ended|stopped"),
        (lambda: ArgusCamera(sensor_id=0, **OPTIONS), 'no element "nvarguscamerasrc".*nvargus-daemon'),  # type: ignore[arg-type]
        (lambda: PiCamera(index=0, **OPTIONS), "picamera2.*apt install python3-picamera2; check the ribbon"),  # type: ignore[arg-type]
    ],
)
def test_why_it_does_not_work_is_named(open_camera: Callable[[], ProcessCamera], reason: str) -> None:
    camera = open_camera()
    with pytest.raises(CameraError, match=reason):
        read_on(camera)
    camera.close()


def test_without_the_systems_python() -> None:
    with pytest.raises(CameraError, match=r"^Raspberry Pi camera 0: /absent/python3: No such file .*; install"):
        PiCamera(index=0, python="/absent/python3", **OPTIONS)  # type: ignore[arg-type]


def test_the_pipeline_of_a_jetson() -> None:
    """As in NVIDIA's guide; only a Jetson has the elements."""
    assert argus_pipeline(sensor_id=1, width=640, height=480, fps=29.97) == (
        "nvarguscamerasrc name=source sensor-id=1 "
        "! video/x-raw(memory:NVMM),format=NV12,width=640,height=480,framerate=30/1 "
        "! nvvidconv ! video/x-raw,format=BGRx ! videoconvert "
        "! video/x-raw,format=BGR,width=640,height=480 ! appsink name=sink max-buffers=1 drop=true sync=false"
    )


def test_a_jetson_is_told_where_the_face_is() -> None:
    program = (
        "import sys; sys.path.append('.'); from hw.frame_pipe import Meter; from hw.gstreamer_source import ae_region; "
        "print(ae_region(Meter((10, 20, 30, 40), 5), (640, 480)), ae_region(Meter(None, 0), (640, 480)), sep='|')"
    )
    done = subprocess.run([SYSTEM_PYTHON, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "10 20 40 60 1.0|0 0 640 480 1.0\n"


def read_on(camera: ProcessCamera) -> None:
    for _ in range(1000):
        camera.read()
