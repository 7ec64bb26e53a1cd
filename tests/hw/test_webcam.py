import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hw.camera import Image
from hw.errors import CameraError
from hw.webcam import Webcam, label

pytestmark = [pytest.mark.usefixtures("in_time"), pytest.mark.alone]


def open_webcam(source: int | str, *, timeout_seconds: float = 10.0) -> Webcam:
    return Webcam(source=source, width=160, height=120, fps=30, timeout_seconds=timeout_seconds)


def read_on(camera: Webcam) -> None:
    for _ in range(1000):
        camera.read()


def test_a_late_reader_gets_the_newest_frame(mjpeg: Any, number_of: Callable[[Image], int]) -> None:
    camera = open_webcam(mjpeg.address("/live"))
    first = camera.read()
    mjpeg.wait_until_sent(first.sequence + 60)
    late = camera.read()
    camera.close()

    assert number_of(late.image) == late.sequence > first.sequence + 20


def test_frames_are_stamped_when_they_are_grabbed(mjpeg: Any) -> None:
    before = time.monotonic()
    camera = open_webcam(mjpeg.address("/live"))
    frame = camera.read()
    camera.close()

    assert before <= frame.captured <= time.monotonic()
    assert not camera.lossless


def test_a_stalled_stream_fails_in_time_and_hides_its_password(mjpeg: Any) -> None:
    camera = open_webcam(mjpeg.address("/stall"), timeout_seconds=0.5)
    with pytest.raises(CameraError, match=rf"http://127.0.0.1:{mjpeg.server_port}/stall: .*; check") as raised:
        read_on(camera)
    camera.close()

    assert "secret" not in str(raised.value)


def test_a_stream_that_ends_fails(mjpeg: Any) -> None:
    camera = open_webcam(mjpeg.address("/end"))
    with pytest.raises(CameraError, match=r"stopped delivering frames after \d+; check the camera's power"):
        read_on(camera)
    with pytest.raises(CameraError, match="stopped delivering"):
        camera.read()
    camera.close()


def test_close_does_not_wait_for_a_stalled_stream(mjpeg: Any) -> None:
    camera = open_webcam(mjpeg.address("/stall"), timeout_seconds=60)
    mjpeg.wait_until_sent(60)
    started = time.monotonic()
    camera.close()

    assert time.monotonic() - started < 15


@pytest.mark.parametrize("path", ["/absent", "/silent"])
def test_a_server_without_video_is_refused_in_time(path: str, mjpeg: Any) -> None:
    with pytest.raises(CameraError, match=rf"127.0.0.1:{mjpeg.server_port}{path}: can't be opened") as raised:
        open_webcam(mjpeg.address(path), timeout_seconds=0.5).read()

    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("source", [63, "/dev/video63"])
def test_an_absent_device_is_named(source: int | str) -> None:
    with pytest.raises(CameraError, match=r"^/dev/video63: no such device; list cameras with v4l2-ctl --list-devices$"):
        open_webcam(source)


def test_a_forbidden_device_names_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("hw.webcam.os.open", refuse)
    with pytest.raises(CameraError, match=r"^/dev/video0: permission denied; .* group video"):
        open_webcam(0)


def test_a_device_that_is_no_camera_is_refused() -> None:
    with pytest.raises(CameraError, match=r"^/dev/null: no camera that can be used; .*fuser -v /dev/null"):
        open_webcam("/dev/null").read()


def test_a_recording_is_sent_to_the_replay_back_end(tmp_path: Path) -> None:
    file = tmp_path / "film.mp4"
    file.touch()
    with pytest.raises(CameraError, match=r"film\.mp4: not a device; .* replay"):
        open_webcam(str(file))


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (2, "/dev/video2"),
        ("/dev/v4l/by-id/usb-Cam-index0", "/dev/v4l/by-id/usb-Cam-index0"),
        ("rtsp://u:p@ss@cam.lan:554/main?key=k", "rtsp://cam.lan:554/main"),
        ("http://[fe80::1]:8080/video", "http://[fe80::1]:8080/video"),
    ],
)
def test_labels_carry_no_secret(source: int | str, name: str) -> None:
    assert label(source) == name


def test_a_process_that_forgets_its_camera_ends_cleanly(mjpeg: Any) -> None:
    options = {"source": mjpeg.address("/live"), "width": 160, "height": 120, "fps": 30.0, "timeout_seconds": 10.0}
    program = f"from hw.webcam import Webcam; camera = Webcam(**{options!r}); camera.read()"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=30).returncode == 0
