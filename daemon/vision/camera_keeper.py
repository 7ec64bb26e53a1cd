"""The camera's thread: opens the camera, passes on what is new and true, and heals what fails."""

import threading
import time
from collections.abc import Callable
from contextlib import closing

from daemon.backoff import Backoff
from daemon.vision.attention import Attention
from daemon.vision.camera_state import CameraStanding, CameraState
from daemon.vision.capture import NewestFrame
from hw.camera import Camera, Frame, MetersFace, Region
from hw.errors import CameraError, CameraStalled, EndOfStream
from hw.newest import hanging_sources
from hw.picture_health import Fault, PictureWatch, Sample, sample

# Back ends that know when a picture was taken (not only when it came) may hand out old ones after a stall.
OLDEST_SECONDS = 1.0
# A time is read in one process and compared in another; no picture was taken later than it came.
AHEAD_SECONDS = 0.1
WRONG_TIMES_SECONDS = 5.0
STABLE_SECONDS = 10.0
# What hangs in a driver can't be ended; each further try would only add to it.
MOST_HANGING = 3
_FAULTS = {fault: CameraState(fault.value) for fault in Fault}


class CameraKeeper:
    """Keeps a camera open for as long as the terminal runs; it is opened again, with growing pauses, when it fails.

    A live camera's pictures are judged by `watch`; without one it is a recording, whose end or error ends the thread.
    `attention` chooses what goes to the networks, unless the camera is lossless. Without a camera nothing is passed on:
    nobody is recognised, and the rest of the terminal goes on. `first` is a camera that is open already.
    """

    def __init__(
        self,
        *,
        open_camera: Callable[[], Camera],
        standing: CameraStanding,
        watch: PictureWatch | None,
        attention: Attention,
        first: Camera | None = None,
        backoff: Backoff | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open_camera, self._standing, self._watch, self._attention = open_camera, standing, watch, attention
        self._backoff = backoff or Backoff(shortest=0.5, longest=10.0)
        self._clock = clock
        self._first = first
        self._lock = threading.Lock()
        self._camera: Camera | None = None
        self._closed = False
        self._previous: Sample | None = None
        self._latest = float("-inf")
        self._untimely_since: float | None = None

    def run(self, slot: NewestFrame, stop: threading.Event) -> None:
        """Fill the slot until told to stop or a recording is over. Raises a recording's CameraError."""
        try:
            while not stop.is_set():
                try:
                    with closing(self._open()) as camera:
                        self._pass_on(camera, slot, stop)
                except EndOfStream:
                    return
                except CameraError as error:
                    if stop.is_set() or self._closed:
                        return
                    if self._watch is None:
                        raise
                    self._lose(error)
                    stop.wait(self._backoff.next())
        finally:
            slot.close()

    def close(self) -> None:
        """End a wait for the camera; whoever calls it has told the thread to stop."""
        with self._lock:
            self._closed = True
            camera = self._camera
        if camera is not None:
            camera.close()

    def meter(self, region: Region | None, luma: float) -> None:
        """Ask the camera, if it can, to expose for that part of the picture, now `luma` bright; returns at once."""
        camera = self._camera
        if isinstance(camera, MetersFace):
            camera.meter(region, luma)

    def _open(self) -> Camera:
        if hanging_sources() >= MOST_HANGING:
            raise CameraError(
                "the camera's driver hangs: unplug the camera and plug it in again, or restart the machine"
            )
        camera, self._first = self._first or self._open_camera(), None
        with self._lock:
            self._camera = camera
            if not self._closed:
                return camera
        camera.close()
        raise CameraError("the terminal is being stopped")

    def _pass_on(self, camera: Camera, slot: NewestFrame, stop: threading.Event) -> None:
        self._previous = self._untimely_since = None
        if self._watch is not None:
            self._watch.begin()
        began: float | None = None
        while not stop.is_set():
            frame = camera.read()
            now = self._clock()
            began = now if began is None else began
            if camera.lossless:
                self._standing.set(CameraState.OK)
            if camera.lossless or (self._is_timely(frame, now) and self._is_new(frame)):
                slot.put(frame, wait=camera.lossless)
            if now - began > STABLE_SECONDS:
                self._backoff.reset()

    def _is_timely(self, frame: Frame, now: float) -> bool:
        """Whether the frame was taken just now, after the one before. Raises CameraStalled after long without such.

        Only then does its time count for those that follow: one of the future would make all of them old.
        """
        if self._latest < frame.captured and -AHEAD_SECONDS <= now - frame.captured <= OLDEST_SECONDS:
            self._latest, self._untimely_since = frame.captured, None
            return True
        if self._untimely_since is None:
            self._untimely_since = now
        if self._watch is not None and now - self._untimely_since > WRONG_TIMES_SECONDS:
            raise CameraStalled(_time_advice(frame.captured - now))
        return False

    def _is_new(self, frame: Frame) -> bool:
        """Whether the frame tells the networks anything that is true now."""
        picture = sample(frame.image)
        if self._watch is not None:
            repeated, self._previous = picture.repeats(self._previous), picture
            self._judge(self._watch, picture, frame.captured)
            # What such a picture shows did not happen now. One of another fault may still show somebody, or soon.
            if repeated:
                return False
        else:
            self._standing.set(CameraState.OK)
        return self._attention.wants(picture, frame.captured)

    def _judge(self, watch: PictureWatch, picture: Sample, at: float) -> None:
        fault = watch.update(picture, at)
        if fault is Fault.WRONG_SIZE and watch.expected is not None:
            self._standing.set(CameraState.WRONG_SIZE, _size_advice(picture.size, watch.expected))
        else:
            self._standing.set(CameraState.OK if fault is None else _FAULTS[fault])

    def _lose(self, error: CameraError) -> None:
        state = CameraState.STALLED if isinstance(error, CameraStalled) else CameraState.ABSENT
        self._standing.set(state, str(error))


def _size_advice(seen: tuple[int, int], expected: tuple[int, int]) -> str:
    return (
        f"pictures of {seen[0]}×{seen[1]} come instead of {expected[0]}×{expected[1]}: set camera.width and "
        "camera.height to what the camera has, or the camera's stream to what it was, then start anew"
    )


def _time_advice(ahead: float) -> str:
    told = f"ahead of this machine's clock by {ahead:.1f} s" if ahead > 0 else f"{-ahead:.1f} s old when they come"
    return (
        f"the pictures' times are {told}, so they are not looked at: a live source has to stamp them as they are taken "
        "and pass them on within a second; a recording has to run in real time (GStreamer: identity sync=true)"
    )
