"""Cameras that OpenCV opens: a V4L2 device, an RTSP or an HTTP stream."""

import atexit
import os
import stat
import threading
import time
from urllib.parse import urlsplit

import cv2
import numpy as np

from hw.backlog import Backlog
from hw.camera import Frame, Image
from hw.errors import CameraError

USUAL_FPS = 25.0
CLOSE_SECONDS = 0.5


class Webcam:
    """A live camera; read() returns its newest frame and drops those that nobody waited for.

    `source` is the index of a V4L2 device (0 is /dev/video0), its device file, or an address (`rtsp://…`, `http://…`).
    `width`, `height` (pixels) and `fps` are asked of a V4L2 device; it may answer with others. A frame's times are
    those of its arrival. A source that delivers nothing for `timeout_seconds` has failed: open a new Webcam.
    Raises CameraError if the source can't be opened, which may take `timeout_seconds`.
    """

    def __init__(self, *, source: int | str, width: int, height: int, fps: float, timeout_seconds: float) -> None:
        self._label = label(source)
        self._timeout = timeout_seconds
        self._news = threading.Condition()
        self._newest: Frame | None = None
        self._failure: str | None = None
        self._closing = False
        opened = time.monotonic()
        if isinstance(source, str) and "://" in source:
            capture = _open_stream(source, timeout_seconds)
        else:
            capture = _open_device(self._label, width, height, fps)
        stated = capture.get(cv2.CAP_PROP_FPS)
        backlog = Backlog(fps=stated if stated >= 1 else USUAL_FPS, opened=opened)
        # OpenCV's captures bear only one thread: this one owns it, up to its release.
        self._thread = threading.Thread(target=self._drain, args=(capture, backlog), name="webcam", daemon=True)
        self._thread.start()
        # A thread that comes back from OpenCV into an interpreter which is shutting down aborts the process.
        atexit.register(self.close)

    @property
    def lossless(self) -> bool:
        return False

    def read(self) -> Frame:
        """Wait for a frame that was not returned yet. Raises CameraError if it doesn't come in time, or if closed."""
        with self._news:
            self._news.wait_for(lambda: self._newest or self._failure or self._closing, self._timeout)
            frame, self._newest = self._newest, None
            if self._closing:
                raise CameraError(f"{self._label}: the camera is closed; open a new one")
            if frame is None:
                raise CameraError(
                    self._failure or f"{self._label}: no frame for {self._timeout:g} s; {_advice(self._label)}"
                )
            return frame

    def close(self) -> None:
        """End a read() under way with CameraError. A source that hangs is released in the background at its timeout."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        self._thread.join(CLOSE_SECONDS)
        atexit.unregister(self.close)

    def _drain(self, capture: cv2.VideoCapture, backlog: Backlog) -> None:
        sequence = 0
        try:
            while not self._closing and capture.grab():
                arrived, wall = time.monotonic(), time.time()
                if not backlog.holds(arrived):
                    self._offer(capture, arrived, wall, sequence)
                sequence += 1
            self._fail(f"stopped delivering frames after {sequence}")
        except cv2.error as error:
            self._fail(f"OpenCV can't read it ({error.err})")
        finally:
            capture.release()

    def _offer(self, capture: cv2.VideoCapture, arrived: float, wall: float, sequence: int) -> None:
        good, picture = capture.retrieve()
        if not good:  # many USB cameras begin with a torn JPEG; if no good one follows, read() times out
            return
        image: Image = np.asarray(picture, np.uint8)
        image.setflags(write=False)
        with self._news:
            self._newest = Frame(image=image, captured=arrived, wall=wall, sequence=sequence)
            self._news.notify_all()

    def _fail(self, what: str) -> None:
        with self._news:
            self._failure = f"{self._label}: {what}; {_advice(self._label)}"
            self._news.notify_all()


def label(source: int | str) -> str:
    """What messages call a source: its device file, or its address without the password or query that it may carry."""
    if isinstance(source, int):
        return f"/dev/video{source}"
    if "://" not in source:
        return source
    address = urlsplit(source)
    return f"{address.scheme}://{address.netloc.rpartition('@')[2]}{address.path}"


def _advice(name: str) -> str:
    if "://" in name:
        return "check the camera's power and network, the user and password, and that ffplay shows the address"
    return "check the cable and the kernel's log (dmesg), then plug the camera in again"


def _open_stream(address: str, timeout_seconds: float) -> cv2.VideoCapture:
    milliseconds = max(1, round(timeout_seconds * 1000))
    capture = cv2.VideoCapture(
        address,
        cv2.CAP_FFMPEG,
        [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, milliseconds, cv2.CAP_PROP_READ_TIMEOUT_MSEC, milliseconds],
    )
    if not capture.isOpened():
        name = label(address)
        raise CameraError(f"{name}: can't be opened or shows no video for {timeout_seconds:g} s; {_advice(name)}")
    return capture


def _open_device(path: str, width: int, height: int, fps: float) -> cv2.VideoCapture:
    _check_device(path)
    capture = cv2.VideoCapture(path, cv2.CAP_V4L2)
    if not capture.isOpened():
        raise CameraError(
            f"{path}: no camera that can be used; it may be busy (fuser -v {path}) or deliver no pictures: "
            "list cameras with v4l2-ctl --list-devices"
        )
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    capture.set(cv2.CAP_PROP_FPS, fps)
    return capture


def _check_device(path: str) -> None:
    """OpenCV only says that it failed; this says why."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except PermissionError as error:
        raise CameraError(f"{path}: permission denied; add the daemon's user to the group video") from error
    except OSError as error:
        reason = "no such device" if isinstance(error, FileNotFoundError) else error.strerror
        raise CameraError(f"{path}: {reason}; list cameras with v4l2-ctl --list-devices") from error
    try:
        is_device = stat.S_ISCHR(os.fstat(descriptor).st_mode)
    finally:
        os.close(descriptor)
    if not is_device:
        raise CameraError(f"{path}: not a device; a recording is played by the back end replay")
