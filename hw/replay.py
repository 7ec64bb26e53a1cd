"""A recording in place of a camera: a video file or a folder of pictures."""

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from hw.camera import Frame, Image
from hw.errors import CameraError, EndOfStream
from hw.pacing import Clock, MediaTime, Pace, RealTime, Sleep, stamp

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"})
MAX_FPS = 240.0


class Replay:
    """Plays a video file at its own rate, or a folder's pictures in the natural order of their names at `fps`.

    With `realtime` a frame is delivered when it is due and counts as taken then. Without, it is delivered at once and
    the camera is lossless; a frame then counts as taken one frame interval after the one before, or now if that is
    later: stamps may run ahead of the clock.
    `fps` also serves for a video that states no plausible rate (recordings of browsers often claim 1000).
    Raises CameraError if the path is missing or holds nothing that can be played.
    """

    def __init__(
        self,
        *,
        path: Path,
        realtime: bool = True,
        loop: bool = False,
        fps: float = 30.0,
        clock: Clock = time.monotonic,
        sleep: Sleep | None = None,
    ) -> None:
        self._path = path
        self._loop = loop
        self._realtime = realtime
        self._clock = clock
        self._closed = threading.Event()
        self._reading = threading.Lock()
        self._sequence = 0
        self._recording = _open(path)
        rate = self._recording.fps or fps
        self._pace: Pace = (
            # Waiting on the event lets close() end the wait.
            RealTime(fps=rate, clock=clock, sleep=sleep or self._closed.wait)
            if realtime
            else MediaTime(fps=rate, clock=clock)
        )

    @property
    def lossless(self) -> bool:
        return not self._realtime

    def read(self) -> Frame:
        """Raises EndOfStream after the last frame unless looping, CameraError for a broken picture or if closed."""
        with self._reading:
            self._check_open()
            image = self._next_image()
            captured = self._pace.next()
            self._check_open()
            frame = stamp(image, captured=captured, sequence=self._sequence, clock=self._clock)
            self._sequence += 1
            return frame

    def close(self) -> None:
        """End a read() under way with CameraError and release the file; a second call does nothing."""
        self._closed.set()
        with self._reading:
            self._recording.close()

    def _check_open(self) -> None:
        if self._closed.is_set():
            raise CameraError(f"{self._path}: the replay is closed; make a new one to play it again")

    def _next_image(self) -> Image:
        image = self._recording.next()
        if image is None and self._loop:
            self._recording.rewind()
            image = self._recording.next()
        if image is None:
            raise EndOfStream(f"{self._path}: the recording is over; set loop = true to play it again and again")
        return image


def _open(path: Path) -> "Video | Pictures":
    try:
        return Pictures(path) if path.is_dir() else Video(path)
    except OSError as error:
        raise CameraError(f"{path}: {error.strerror}; check that the daemon's user may read it") from error


class Pictures:
    """The pictures of a folder, of any sizes, without those of its subfolders."""

    fps: float | None = None

    def __init__(self, folder: Path) -> None:
        files = (file for file in folder.iterdir() if file.suffix.lower() in PICTURES and not file.name.startswith("."))
        self._files = sorted(files, key=lambda file: natural_order(file.name))
        if not self._files:
            kinds = ", ".join(sorted(PICTURES))
            raise CameraError(f"{folder}: no picture in this folder; put files there that end in {kinds}")
        self.rewind()

    def rewind(self) -> None:
        self._left: Iterator[Path] = iter(self._files)

    def next(self) -> Image | None:
        """The next picture, or None after the last."""
        file = next(self._left, None)
        if file is None:
            return None
        try:
            content = np.fromfile(file, np.uint8)
            image = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
        except OSError as error:
            raise CameraError(f"{file}: can't be read ({error.strerror}); replace or remove it") from error
        except cv2.error as error:
            raise CameraError(f"{file}: can't be decoded ({error.err}); replace or remove it") from error
        if image is None:
            raise CameraError(f"{file}: not a picture that can be decoded; replace or remove it")
        return np.asarray(image, np.uint8)

    def close(self) -> None:
        self._left = iter(())


class Video:
    """The frames of a video file; `fps` is the rate that it states, or None."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._capture = cv2.VideoCapture()
        self.rewind()
        stated = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = stated if 0 < stated <= MAX_FPS else None

    def rewind(self) -> None:
        if not self._file.exists():
            raise CameraError(f"{self._file}: no such file or folder; correct the path of the replay")
        if not self._capture.open(str(self._file), cv2.CAP_FFMPEG):
            raise CameraError(
                f"{self._file}: not a video that can be decoded; check that the daemon's user may read it"
            )
        self._delivered = False

    def next(self) -> Image | None:
        """The next frame, or None after the last."""
        good, image = self._capture.read()
        if good:
            self._delivered = True
            return np.asarray(image, np.uint8)
        if not self._delivered:
            raise CameraError(f"{self._file}: not one frame of this video can be decoded; record or copy it again")
        return None

    def close(self) -> None:
        self._capture.release()


def natural_order(name: str) -> list[str | int]:
    """A sorting key by which `frame2` comes before `frame10`."""
    return [int(part) if index % 2 else part.casefold() for index, part in enumerate(re.split(r"([0-9]+)", name))]
