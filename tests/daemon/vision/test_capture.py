import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from daemon.vision.capture import NewestFrame
from hw.camera import Frame

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
