"""What the program of a Raspberry Pi's camera asks of Picamera2.

No board is here: a stand-in with Picamera2's names notes what it is told. It shows that arguments, colours and times
are passed on as Picamera2's manual has them; it can't show that a real camera likes them.
"""

import math
import sys
import time
from pathlib import Path

import pytest

from hw.camera import Region
from hw.errors import CameraError
from hw.frame_pipe import Meter
from hw.picamera import PiCamera

STAND_IN = """
import json, pathlib, time
import numpy as np
TOLD = pathlib.Path({told!r})

class Request:
    def make_array(self, name):
        assert name == "main"
        return np.full((120, 160, 3), (1, 2, 3), np.uint8)
    def get_metadata(self):
        return {{"SensorTimestamp": time.clock_gettime_ns(time.CLOCK_BOOTTIME) - 50_000_000}}
    def release(self):
        time.sleep(0.02)

class Picamera2:
    def __init__(self, index):
        if index:
            raise IndexError("list index out of range")
    def create_video_configuration(self, **words):
        return words
    def configure(self, configuration):
        self.note("configure", configuration)
    def start(self):
        self.note("start", None)
    def capture_request(self):
        return Request()
    def set_controls(self, controls):
        self.note("controls", controls)
    def close(self):
        self.note("close", None)
    def note(self, what, value):
        with TOLD.open("a") as file:
            file.write(json.dumps([what, value]) + "\\n")
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the stand-in notes what it is told."""
    told = tmp_path / "told"
    (tmp_path / "picamera2.py").write_text(STAND_IN.format(told=str(told)))
    # The program runs isolated; this is where the environment's own Python would find packages of its user.
    start = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); " + "import sys; sys.path.append(sys.argv.pop(1)); "
    monkeypatch.setattr("hw.process_camera.START", start + "from hw.{0} import main; main(sys.argv[1])")
    return told


def open_camera(index: int = 0) -> PiCamera:
    return PiCamera(index=index, width=160, height=120, fps=15.0, timeout_seconds=20, python=sys.executable)


def test_arguments_colours_and_times(told: Path) -> None:
    camera = open_camera()
    frame = camera.read()
    assert frame.image.shape == (120, 160, 3)
    assert frame.image[0, 0].tolist() == [1, 2, 3]
    assert 0.04 < time.monotonic() - frame.captured < 20
    camera.meter(Region(0, 0, 10, 10), 30.0)
    while '["controls"' not in told.read_text():
        camera.read()
    camera.close()
    lines = told.read_text().splitlines()
    assert lines[0] == (
        '["configure", {"main": {"size": [160, 120], "format": "RGB888"}, "controls": {"FrameRate": 15.0}, '
        '"buffer_count": 4, "queue": false}]'
    )
    assert lines[1:] == ['["start", null]', '["controls", {"ExposureValue": 1.0}]', '["close", null]']


def test_an_absent_camera_is_named(told: Path) -> None:
    camera = open_camera(1)
    with pytest.raises(CameraError, match=r"no such camera, or it is busy .*rpicam-hello"):
        camera.read()
    camera.close()


@pytest.mark.parametrize(
    ("stops", "luma", "wanted"),
    [(0.0, 120.0, 0.0), (0.0, 30.0, 1.0), (1.5, 10.0, 2.0), (0.0, 255.0, -0.54), (-2, 200, -2)],
)
def test_a_dark_face_is_exposed_for_longer(
    told: Path, monkeypatch: pytest.MonkeyPatch, stops: float, luma: float, wanted: float
) -> None:
    monkeypatch.syspath_prepend(told.parent)
    from hw.picamera_source import exposure_value  # noqa: PLC0415 - needs the stand-in

    assert math.isclose(exposure_value(stops, Meter((0, 0, 9, 9), luma)), wanted, abs_tol=0.01)
    assert exposure_value(stops, Meter(None, 0.0)) == 0.0
