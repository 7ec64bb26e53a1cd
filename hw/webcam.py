"""Cameras that OpenCV opens: a V4L2 device, an RTSP or an HTTP stream."""

import atexit
import os
import stat
import threading
import time
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import cv2
import numpy as np

from hw.backlog import Backlog
from hw.camera import Frame, Image
from hw.errors import CameraError
from hw.newest import CAMERA_THREAD, NewestArrival

USUAL_FPS = 25.0
CLOSE_SECONDS = 0.5


class Webcam:
    """A live camera; read() returns its newest frame and drops those that nobody waited for.

    `source` is the index of a V4L2 device (0 is /dev/video0), its device file, or an address (`rtsp://…`, `http://…`).
    `width`, `height` (pixels) and `fps` are asked of a V4L2 device; it may answer with others. A frame's times are
    those of its arrival. A source that delivers nothing for `timeout_seconds` has failed: open a new Webcam.
    It is opened in a thread of its own, so that nobody waits for an address where nothing answers: read() tells if it
    failed. Raises CameraError for a device that is absent, forbidden or none.
    """

    def __init__(self, *, source: int | str, width: int, height: int, fps: float, timeout_seconds: float) -> None:
        self._label = label(source)
        self._timeout = timeout_seconds
        self._newest = NewestArrival(label=self._label, advice=_advice(self._label), timeout_seconds=timeout_seconds)
        if isinstance(source, str) and "://" in source:
            opening = partial(_open_stream, source, timeout_seconds)
        else:
            _check_device(self._label)
            opening = partial(_open_device, self._label, width, height, fps)
        # OpenCV's captures bear only one thread: this one owns it, from its opening to its release.
        self._thread = threading.Thread(target=self._run, args=(opening,), name=CAMERA_THREAD, daemon=True)
        self._thread.start()
        # A thread that comes back from OpenCV into an interpreter which is shutting down aborts the process.
        atexit.register(self.close)

    @property
    def lossless(self) -> bool:
        return False

    def read(self) -> Frame:
        """Wait for a frame that was not returned yet.

        Raises CameraError if the source can't be opened, ends or was closed, CameraStalled if it falls silent.
        """
        return self._newest.take(opening_seconds=self._timeout)

    def close(self) -> None:
        """End a read() under way with CameraError. A source that hangs is released in the background at its timeout."""
        self._newest.close()
        self._thread.join(CLOSE_SECONDS)
        atexit.unregister(self.close)

    def _run(self, opening: Callable[[], cv2.VideoCapture]) -> None:
        opened = time.monotonic()
        try:
            capture = opening()
        except CameraError as error:
            self._newest.refuse(str(error))
            return
        stated = capture.get(cv2.CAP_PROP_FPS)
        try:
            self._drain(capture, Backlog(fps=stated if stated >= 1 else USUAL_FPS, opened=opened))
        except cv2.error as error:
            self._newest.fail(f"OpenCV can't read it ({error.err})")
        finally:
            capture.release()

    def _drain(self, capture: cv2.VideoCapture, backlog: Backlog) -> None:
        sequence, before = 0, time.monotonic()
        while not self._newest.closing and capture.grab():
            before, wall = time.monotonic(), time.time()
            if not backlog.holds(before):
                self._offer(capture, before, wall, sequence)
            sequence += 1
        if sequence and time.monotonic() - before >= self._timeout:
            self._newest.stall()
        self._newest.fail(f"stopped delivering frames after {sequence}")

    def _offer(self, capture: cv2.VideoCapture, arrived: float, wall: float, sequence: int) -> None:
        good, picture = capture.retrieve()
        if not good:  # many USB cameras begin with a torn JPEG; if no good one follows, read() times out
            return
        image: Image = np.asarray(picture, np.uint8)
        image.setflags(write=False)
        self._newest.offer(Frame(image=image, captured=arrived, wall=wall, sequence=sequence))


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
