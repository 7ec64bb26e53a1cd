import subprocess
import sys
from pathlib import Path

import pytest

from hw.backends import (
    CAMERAS,
    INPUT_LINES,
    OUTPUT_LINES,
    camera_backend,
    input_line_backend,
    make_camera,
    make_input_line,
    make_output_line,
    output_line_backend,
)
from hw.errors import BackendError, CameraError, LineError
from hw.replay import Replay
from hw.simulated import SimulatedOutputLine


def test_every_name_leads_to_a_class() -> None:
    assert {name: camera_backend(name).__name__ for name in CAMERAS} == {
        "webcam": "Webcam",
        "picamera2": "PiCamera",
        "argus": "ArgusCamera",
        "gstreamer": "GStreamerCamera",
        "replay": "Replay",
    }
    assert {name: output_line_backend(name).__name__ for name in OUTPUT_LINES} == {
        "simulated": "SimulatedOutputLine",
        "gpiod": "GpiodOutputLine",
        "lcus": "LcusOutputLine",
    }
    assert {name: input_line_backend(name).__name__ for name in INPUT_LINES} == {
        "simulated": "SimulatedInputLine",
        "gpiod": "GpiodInputLine",
    }


def test_options_reach_the_class(folder: Path) -> None:
    camera = make_camera("replay", {"path": folder, "realtime": False, "loop": False, "fps": 5.0})
    assert isinstance(camera, Replay)
    assert camera.lossless
    camera.close()
    assert isinstance(make_output_line("simulated", {}), SimulatedOutputLine)


def test_a_device_that_can_not_be_opened_keeps_its_error() -> None:
    webcam = {"source": 63, "width": 640, "height": 480, "fps": 30.0, "timeout_seconds": 5.0}
    with pytest.raises(CameraError, match="/dev/video63"):
        make_camera("webcam", webcam)
    with pytest.raises(LineError, match="/dev/absent"):
        make_input_line("gpiod", {"chip": "/dev/absent", "line": 1})
    with pytest.raises(LineError, match="/dev/absent"):
        make_output_line("gpiod", {"chip": "/dev/absent", "line": 1, "active_low": False})


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(
        BackendError,
        match=r"^camera back end 'webcan': unknown; choose one of webcam, picamera2, argus, gstreamer, replay$",
    ):
        make_camera("webcan", {})
    with pytest.raises(BackendError, match=r"^output line back end '': unknown; choose one of simulated, gpiod, lcus$"):
        make_output_line("", {})


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "hw.gpiod_lines", raising=False)
    monkeypatch.setitem(sys.modules, "gpiod", None)
    with pytest.raises(BackendError, match=r"'gpiod': .*pip install 'auther-embedded\[gpio\]'$"):
        make_output_line("gpiod", {"chip": "/dev/gpiochip0", "line": 1, "active_low": False})


def test_no_driver_is_imported_before_it_is_chosen() -> None:
    program = "import sys, hw.backends; sys.exit(bool({'cv2', 'gpiod', 'hw.simulated'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
