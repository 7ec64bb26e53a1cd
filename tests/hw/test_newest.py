import threading

import numpy as np
import pytest

from hw.camera import Frame
from hw.errors import CameraError, CameraStalled
from hw.newest import NewestArrival

LONG = 10.0


def frame(sequence: int) -> Frame:
    return Frame(image=np.zeros((4, 4, 3), np.uint8), captured=0.0, wall=0.0, sequence=sequence)


@pytest.fixture
def newest() -> NewestArrival:
    return NewestArrival(label="/dev/video0", advice="plug it in", timeout_seconds=0.01)


def test_the_newest_is_taken_once(newest: NewestArrival) -> None:
    for number in range(3):
        newest.offer(frame(number))
    assert newest.take().sequence == 2
    with pytest.raises(CameraStalled, match=r"^/dev/video0: no frame for 0\.01 s; plug it in$"):
        newest.take()


def test_what_never_began_has_not_stalled(newest: NewestArrival) -> None:
    with pytest.raises(CameraError, match=r"no frame for 0\.03 s") as raised:
        newest.take(opening_seconds=0.02)
    assert not isinstance(raised.value, CameraStalled)


def test_a_driver_that_gave_up_waiting_has_stalled(newest: NewestArrival) -> None:
    newest.offer(frame(0))
    newest.stall()
    newest.fail("stopped")
    assert newest.take().sequence == 0
    with pytest.raises(CameraStalled):
        newest.take()


def test_the_first_reason_counts_after_the_last_frame(newest: NewestArrival) -> None:
    newest.offer(frame(0))
    newest.fail("unplugged")
    newest.fail("later")
    assert newest.take().sequence == 0
    with pytest.raises(CameraError, match=r"^/dev/video0: unplugged; plug it in$"):
        newest.take()


def test_close_ends_a_wait() -> None:
    newest = NewestArrival(label="/dev/video0", advice="", timeout_seconds=600)
    ended: list[str] = []

    def take() -> None:
        try:
            newest.take()
        except CameraError as error:
            ended.append(str(error))

    thread = threading.Thread(target=take)
    thread.start()
    newest.close()
    thread.join(LONG)
    assert ended == ["/dev/video0: the camera is closed; open a new one"]
