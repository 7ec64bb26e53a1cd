import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from daemon.vision.capture import NewestFrame, capture
from hw.camera import Frame
from hw.errors import CameraError, EndOfStream
from hw.simulated import SimulatedCamera

LONG = 10.0


def frame(sequence: int) -> Frame:
    return Frame(image=np.zeros((4, 4, 3), np.uint8), captured=float(sequence), wall=0.0, sequence=sequence)


@pytest.fixture
def slot() -> NewestFrame:
    return NewestFrame()


@pytest.fixture
def in_background() -> Iterator[Callable[[Callable[[], None]], threading.Thread]]:
    threads = []

    def start(target: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=target)
        threads.append(thread)
        thread.start()
        return thread

    yield start
    for thread in threads:
        thread.join(LONG)
        assert not thread.is_alive()


def test_the_newest_frame_wins(slot: NewestFrame) -> None:
    for n in range(5):
        slot.put(frame(n), wait=False)
    taken = slot.take(LONG)
    assert taken is not None
    assert taken.sequence == 4
    assert slot.take(0.0) is None


def test_nothing_new_is_none_after_the_timeout(slot: NewestFrame) -> None:
    assert slot.take(0.01) is None
    assert not slot.over


def test_waiting_loses_no_frame(slot: NewestFrame, in_background: Callable[..., threading.Thread]) -> None:
    def feed() -> None:
        for n in range(50):
            slot.put(frame(n), wait=True)
        slot.close()

    in_background(feed)
    taken = []
    while not slot.over:
        if (got := slot.take(LONG)) is not None:
            taken.append(got.sequence)
    assert taken == list(range(50))


def test_close_wakes_a_waiting_taker(slot: NewestFrame, in_background: Callable[..., threading.Thread]) -> None:
    taken: list[Frame | None] = []
    thread = in_background(lambda: taken.append(slot.take(600)))
    slot.close()
    thread.join(LONG)
    assert taken == [None]


def test_close_wakes_a_waiting_giver(slot: NewestFrame, in_background: Callable[..., threading.Thread]) -> None:
    slot.put(frame(0), wait=True)
    thread = in_background(lambda: slot.put(frame(1), wait=True))
    slot.close()
    thread.join(LONG)
    assert not thread.is_alive()


def test_the_last_frame_can_be_taken_after_close(slot: NewestFrame) -> None:
    slot.put(frame(0), wait=False)
    slot.close()
    assert not slot.over
    assert slot.take(LONG) is not None
    assert slot.over


def test_capture_ends_with_a_finite_source(slot: NewestFrame, in_background: Callable[..., threading.Thread]) -> None:
    camera = SimulatedCamera(images=[np.full((4, 4, 3), n, np.uint8) for n in range(20)])
    in_background(lambda: capture(camera, slot, threading.Event()))
    taken = []
    while not slot.over:
        if (got := slot.take(LONG)) is not None:
            taken.append(int(got.image[0, 0, 0]))
    assert taken == list(range(20))


class Failing:
    """A camera that delivers one frame and then only errors; `before` runs ahead of each error."""

    lossless = False

    def __init__(self, error: CameraError, before: Callable[[], None] = lambda: None) -> None:
        self._error, self._before = error, before
        self._first = True

    def read(self) -> Frame:
        if self._first:
            self._first = False
            return frame(0)
        self._before()
        raise self._error

    def close(self) -> None: ...


def test_a_broken_camera_closes_the_slot_and_says_so(slot: NewestFrame) -> None:
    with pytest.raises(CameraError, match="unplugged"):
        capture(Failing(CameraError("unplugged")), slot, threading.Event())
    assert slot.take(0.0) is not None
    assert slot.over


def test_the_end_of_a_stream_is_no_error(slot: NewestFrame) -> None:
    capture(Failing(EndOfStream("over")), slot, threading.Event())
    assert slot.take(0.0) is not None
    assert slot.over


def test_a_camera_closed_to_stop_is_no_error(slot: NewestFrame) -> None:
    stop = threading.Event()
    capture(Failing(CameraError("closed"), before=stop.set), slot, stop)
    assert slot.take(0.0) is not None
    assert slot.over


def test_capture_stops_when_told(slot: NewestFrame, in_background: Callable[..., threading.Thread]) -> None:
    class Endless(Failing):
        def read(self) -> Frame:
            time.sleep(0.001)
            return frame(1)

    stop = threading.Event()
    thread = in_background(lambda: capture(Endless(CameraError("")), slot, stop))
    assert slot.take(LONG) is not None
    stop.set()
    thread.join(LONG)
    assert not thread.is_alive()
