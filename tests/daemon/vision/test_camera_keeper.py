"""The keeper with cameras that fail as they are told to; real servers that do are in tests/hw and tests/daemon."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest

from daemon.backoff import Backoff
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.vision.attention import Attention
from daemon.vision.camera_keeper import CameraKeeper
from daemon.vision.camera_state import CameraStanding, CameraState
from daemon.vision.capture import NewestFrame
from hw.camera import Frame, Image, Region
from hw.errors import CameraError, CameraStalled, EndOfStream
from hw.newest import CAMERA_THREAD
from hw.picture_health import PictureWatch
from hw.simulated import SimulatedCamera

LONG = 10.0
SIZE = (64, 48)
Step = Image | CameraError | float


def noisy(seed: int, *, luma: int = 120, size: tuple[int, int] = SIZE) -> Image:
    noise = np.random.default_rng(seed).integers(-20, 20, (size[1], size[0], 3))
    return (luma + noise).clip(0, 255).astype(np.uint8)


class Clock:
    """Passes 0.1 s with each frame."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Scripted:
    """Delivers pictures or raises errors as written; a number is how old the next picture is. Then it waits."""

    lossless = False

    def __init__(self, steps: Sequence[Step], clock: Clock) -> None:
        self._steps, self._clock = iter(steps), clock
        self._closed = threading.Event()
        self._sequence = itertools.count()
        self.metered: list[tuple[Region | None, float]] = []

    def read(self) -> Frame:
        step, age = next(self._steps, None), 0.0
        if isinstance(step, float):
            age, step = step, next(self._steps)
        if isinstance(step, CameraError):
            raise step
        if step is None:
            assert self._closed.wait(LONG)
            raise CameraError("closed")
        self._clock.now += 0.1
        return Frame(image=step, captured=self._clock.now - age, wall=0.0, sequence=next(self._sequence))

    def meter(self, region: Region | None, luma: float) -> None:
        self.metered.append((region, luma))

    def close(self) -> None:
        self._closed.set()


class Kept:
    """A keeper on a line of cameras, and what came of it."""

    def __init__(self, *cameras: Sequence[Step] | CameraError, recorded: bool = False) -> None:
        self.clock = Clock()
        self.events: list[DoorEvent] = []
        self.opened: list[Scripted] = []
        self._cameras = iter(cameras)
        self.slot, self.stop, self.over = Recording(), threading.Event(), threading.Event()
        self.standing = CameraStanding(tell=self.events.append, clock=self.clock, wall=self.clock)
        self.keeper = CameraKeeper(
            open_camera=self._open,
            standing=self.standing,
            watch=None if recorded else PictureWatch(size=SIZE, frozen_seconds=2),
            attention=Attention(idle_fps=0, hold_seconds=1),
            backoff=Backoff(shortest=0.001, longest=0.001),
            clock=self.clock,
        )

    def _open(self) -> Scripted:
        camera = next(self._cameras, None)
        if camera is None:
            self.over.set()
            camera = ()
        if isinstance(camera, CameraError):
            raise camera
        self.opened.append(Scripted(camera, self.clock))
        return self.opened[-1]

    def run(self) -> None:
        """Until the last camera has nothing more to say."""
        thread = threading.Thread(target=lambda: self.keeper.run(self.slot, self.stop))
        thread.start()
        assert self.over.wait(LONG)
        self.stop.set()
        self.keeper.close()
        thread.join(LONG)
        assert not thread.is_alive()

    @property
    def told(self) -> list[EventType]:
        return [event.type for event in self.events]


class Recording(NewestFrame):
    """Keeps every frame that is put."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[Frame] = []

    def put(self, frame: Frame, *, wait: bool) -> None:
        self.frames.append(frame)


GONE = CameraError("/dev/video0: stopped delivering frames; check the cable")
ABSENT = CameraError("/dev/video0: no such device")


def test_an_unplugged_camera_is_opened_again_until_it_is_back() -> None:
    kept = Kept([noisy(1), GONE], ABSENT, ABSENT, [noisy(2), GONE])
    kept.run()
    assert [float(frame.image.mean()) for frame in kept.slot.frames] == [noisy(1).mean(), noisy(2).mean()]
    assert kept.told == [EventType.CAMERA_FAILED, EventType.CAMERA_RESTORED, EventType.CAMERA_FAILED]
    assert kept.events[0].detail == "absent: /dev/video0: stopped delivering frames; check the cable"
    assert kept.slot.over


def test_a_camera_that_is_absent_from_the_start_is_an_alarm() -> None:
    kept = Kept(ABSENT, [noisy(1)])
    with _running(kept):
        _until(lambda: kept.standing.health.state is CameraState.OK)
    assert kept.told == [EventType.CAMERA_FAILED, EventType.CAMERA_RESTORED]


def test_a_stall_is_told_from_an_absence() -> None:
    kept = Kept([noisy(1), CameraStalled("rtsp://cam: no frame for 5 s; check the network")])
    kept.run()
    assert kept.standing.health.state is CameraState.STALLED
    assert "no frame for 5 s" in kept.standing.health.advice


def test_old_frames_and_those_that_go_back_in_time_are_dropped() -> None:
    kept = Kept([noisy(1), 3.0, noisy(2), 1.2, noisy(3), 0.05, noisy(4), 0.5, noisy(5), GONE])
    kept.run()
    assert [frame.sequence for frame in kept.slot.frames] == [0, 3]


@pytest.mark.parametrize("age", [-3600.0, -0.2, float("nan")])
def test_a_frame_of_the_future_is_dropped_and_blinds_nobody(age: float) -> None:
    kept = Kept([noisy(1), age, noisy(2), noisy(3), -0.05, noisy(4), GONE])
    kept.run()
    assert [frame.sequence for frame in kept.slot.frames] == [0, 2, 3]
    assert kept.told == [EventType.CAMERA_FAILED]


@pytest.mark.parametrize(
    ("age", "told"),
    [(-3600.0, "times are ahead of this machine's clock by 3600.0 s"), (3.0, "times are 3.0 s old when they come")],
)
def test_times_that_stay_wrong_are_told_and_the_camera_is_opened_anew(age: float, told: str) -> None:
    wrong = [step for n in range(60) for step in (age, noisy(n))]
    kept = Kept([noisy(100), *wrong], [noisy(101)])
    with _running(kept):
        _until(lambda: len(kept.slot.frames) == 2)
    assert kept.told == [EventType.CAMERA_FAILED, EventType.CAMERA_RESTORED]
    assert kept.events[0].detail is not None
    assert kept.events[0].detail.startswith("stalled: the pictures' ")
    assert told in kept.events[0].detail
    assert len(kept.opened) == 2


def test_a_picture_that_repeats_is_looked_at_once_and_then_is_frozen() -> None:
    kept = Kept([noisy(1), *[noisy(2)] * 25, noisy(3), GONE])
    kept.run()
    assert [frame.sequence for frame in kept.slot.frames] == [0, 1, 26]
    assert [event.detail.split(":")[0] for event in kept.events if event.detail] == [
        "frozen",
        "after 1 s; last it was frozen",
        "absent",
    ]


def test_a_black_picture_is_told_and_looked_at_all_the_same_for_somebody_may_switch_on_the_light() -> None:
    kept = Kept([noisy(n, luma=0) // 4 for n in range(40)] + [noisy(41), GONE])
    kept.run()
    assert len(kept.slot.frames) == 41
    assert kept.events[0].detail is not None
    assert kept.events[0].detail.startswith("black: the picture is black: take the cap off")


def test_another_size_is_told_and_still_looked_at() -> None:
    pictures = [noisy(n, size=(48, 64)) for n in range(40)]
    kept = Kept([*pictures, GONE])
    kept.run()
    assert len(kept.slot.frames) == 40
    assert kept.events[0].detail is not None
    assert kept.events[0].detail.startswith("wrong_size: pictures of 48×64 come instead of 64×48: set camera.width")


def test_a_recording_ends_the_thread_with_its_end() -> None:
    kept = Kept([noisy(1), noisy(1), EndOfStream("over")], recorded=True)
    kept.keeper.run(kept.slot, kept.stop)
    assert len(kept.slot.frames) == 2
    assert kept.slot.over


def test_a_recordings_error_ends_the_thread_with_it() -> None:
    kept = Kept([noisy(1), CameraError("9.png: not a picture")], recorded=True)
    with pytest.raises(CameraError, match="not a picture"):
        kept.keeper.run(kept.slot, kept.stop)
    assert kept.slot.over


def test_a_lossless_camera_loses_nothing() -> None:
    slot = NewestFrame()
    images = [np.full((4, 4, 3), n, np.uint8) for n in range(20)]
    standing = CameraStanding(tell=lambda _: None)
    keeper = CameraKeeper(
        open_camera=lambda: SimulatedCamera(images=images),
        standing=standing,
        watch=None,
        attention=Attention(idle_fps=1, hold_seconds=1),
    )
    thread = threading.Thread(target=lambda: keeper.run(slot, threading.Event()))
    thread.start()
    assert list(_taken(slot)) == list(range(20))
    thread.join(LONG)
    assert standing.health.state is CameraState.OK


def test_close_ends_a_wait_and_what_was_opened_late() -> None:
    kept = Kept([])
    with _running(kept):
        _until(lambda: bool(kept.opened))
    late = Kept([noisy(1)])
    late.keeper.close()
    late.keeper.run(late.slot, late.stop)
    assert late.slot.frames == []


def test_a_driver_that_hangs_is_not_tried_for_ever() -> None:
    kept, release = Kept([noisy(1)]), threading.Event()
    hanging = [threading.Thread(target=release.wait, args=(LONG,), name=CAMERA_THREAD) for _ in range(3)]
    for thread in hanging:
        thread.start()
    with _running(kept):
        _until(lambda: kept.standing.health.state is CameraState.ABSENT)
        assert kept.opened == []
        assert "driver hangs" in kept.standing.health.advice
        release.set()
        _until(lambda: kept.standing.health.state is CameraState.OK)
    for thread in hanging:
        thread.join(LONG)


def test_metering_reaches_a_camera_that_can() -> None:
    kept = Kept([noisy(1)])
    kept.keeper.meter(Region(1, 2, 3, 4), 60.0)
    with _running(kept):
        _until(lambda: bool(kept.slot.frames))
        kept.keeper.meter(Region(1, 2, 3, 4), 60.0)
        assert kept.opened[0].metered == [(Region(1, 2, 3, 4), 60.0)]


@contextmanager
def _running(kept: Kept) -> Iterator[None]:
    thread = threading.Thread(target=lambda: kept.keeper.run(kept.slot, kept.stop))
    thread.start()
    yield
    kept.stop.set()
    kept.keeper.close()
    thread.join(LONG)
    assert not thread.is_alive()


def _taken(slot: NewestFrame) -> Iterator[int]:
    while not slot.over:
        if (frame := slot.take(LONG)) is not None:
            yield int(frame.image[0, 0, 0])


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)
