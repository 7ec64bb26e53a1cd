import threading
from collections.abc import Generator, Iterator
from concurrent.futures import Future

import numpy as np
import pytest

from daemon.config.settings import Liveness, Policy
from daemon.errors import Busy, Unavailable
from daemon.gallery.keeper import Gallery, GalleryKeeper
from daemon.vision.capture import NewestFrame
from daemon.vision.jobs import VisionJobs
from daemon.vision.loop import VisionLoop
from daemon.vision.policy import AccessPolicy
from daemon.vision.recogniser import Recogniser
from daemon.vision.tracker import Tracker
from hw.camera import Frame
from models.detector import Face
from models.geometry import Image

LONG = 10.0


def frame(number: int) -> Frame:
    return Frame(np.zeros((8, 8, 3), np.uint8), float(number), float(number), number)


class EndlessDoor(Recogniser):
    """Networks that note what they are asked for; behind each live frame the next one waits already."""

    def __init__(self, slot: NewestFrame, frames: int) -> None:
        self.done: list[str] = []
        self._slot, self._left = slot, frames

    def detect(self, image: Image) -> tuple[Face, ...]:
        if image.shape != (8, 8, 3):
            self.done.append("job")
            return ()
        self.done.append("frame")
        self._left -= 1
        if self._left:
            self._slot.put(frame(self._left), wait=False)
        else:
            self._slot.close()
        return ()


class NobodyEnrolled(GalleryKeeper):
    def __init__(self) -> None:
        self.current = Gallery()


def loop(recogniser: Recogniser, jobs: VisionJobs) -> VisionLoop:
    return VisionLoop(
        recogniser=recogniser,
        tracker=Tracker(),
        policy=AccessPolicy(policy=Policy(), liveness=Liveness(), choose=lambda options: options[0]),
        gallery=NobodyEnrolled(),
        fpir=0.001,
        on_decision=lambda _: None,
        on_prompt=lambda _: None,
        jobs=jobs,
    )


@pytest.fixture
def picture() -> Image:
    return np.zeros((4, 4, 3), np.uint8)


def submit(jobs: VisionJobs, picture: Image) -> "Future[tuple[Face, ...]]":
    return jobs.submit(lambda networks: steps(networks, picture, turns=1))


def steps(networks: Recogniser, picture: Image, *, turns: int) -> Generator[None, None, tuple[Face, ...]]:
    for _ in range(turns - 1):
        networks.detect(picture)
        yield
    return networks.detect(picture)


def failing(_networks: Recogniser) -> Generator[None, None, float]:
    yield
    raise ZeroDivisionError


def test_between_two_frames_goes_at_most_one_job(picture: Image) -> None:
    jobs, slot = VisionJobs(limit=100), NewestFrame()
    recogniser = EndlessDoor(slot, frames=50)
    futures = [submit(jobs, picture) for _ in range(100)]
    slot.put(frame(0), wait=False)
    loop(recogniser, jobs).run(slot, threading.Event())
    assert recogniser.done[0] == "frame"
    assert "job, job" not in ", ".join(recogniser.done)
    assert recogniser.done.count("frame") == 50
    assert [future.done() for future in futures] == [True] * 100
    assert all(isinstance(future.exception(), Unavailable) for future in futures[50:])


def test_without_frames_jobs_are_done_at_once(picture: Image) -> None:
    jobs, slot, stop = VisionJobs(), NewestFrame(), threading.Event()
    thread = threading.Thread(target=loop(EndlessDoor(slot, frames=1), jobs).run, args=(slot, stop))
    thread.start()
    try:
        assert [submit(jobs, picture).result(LONG) for _ in range(5)] == [()] * 5
    finally:
        stop.set()
        slot.close()
        thread.join(LONG)
    with pytest.raises(Unavailable):
        submit(jobs, picture)


def test_a_frame_comes_between_the_steps_of_a_job_too(picture: Image) -> None:
    jobs, slot = VisionJobs(), NewestFrame()
    recogniser = EndlessDoor(slot, frames=10)
    first, second = (jobs.submit(lambda networks: steps(networks, picture, turns=3)) for _ in range(2))
    slot.put(frame(0), wait=False)
    loop(recogniser, jobs).run(slot, threading.Event())
    assert recogniser.done == ["frame", "job"] * 6 + ["frame"] * 4
    assert (first.result(0), second.result(0)) == ((), ())


def test_who_was_first_is_done_first(picture: Image) -> None:
    jobs, recogniser = VisionJobs(), EndlessDoor(NewestFrame(), frames=1)
    first, second = (jobs.submit(lambda networks: steps(networks, picture, turns=2)) for _ in range(2))
    jobs.do_next(recogniser)
    jobs.do_next(recogniser)
    assert (first.done(), second.done()) == (True, False)


def test_a_job_that_is_half_done_when_the_terminal_stops_is_told_so(picture: Image) -> None:
    jobs, recogniser = VisionJobs(), EndlessDoor(NewestFrame(), frames=1)
    half = jobs.submit(lambda networks: steps(networks, picture, turns=2))
    jobs.do_next(recogniser)
    jobs.close()
    assert isinstance(half.exception(0), Unavailable)


def test_a_full_queue_refuses(picture: Image) -> None:
    jobs = VisionJobs(limit=2)
    submit(jobs, picture)
    submit(jobs, picture)
    with pytest.raises(Busy):
        submit(jobs, picture)
    assert jobs.depth == 2


def test_a_job_that_fails_is_its_own_affair(picture: Image) -> None:
    jobs = VisionJobs()
    recogniser = EndlessDoor(NewestFrame(), frames=1)
    bad = jobs.submit(failing)
    good = submit(jobs, picture)
    jobs.do_next(recogniser)
    jobs.do_next(recogniser)
    jobs.do_next(recogniser)
    assert isinstance(bad.exception(), ZeroDivisionError)
    assert good.result(0) == ()


def test_a_cancelled_job_is_passed_over(picture: Image) -> None:
    jobs = VisionJobs()
    recogniser = EndlessDoor(NewestFrame(), frames=1)
    submit(jobs, picture).cancel()
    jobs.do_next(recogniser)
    assert recogniser.done == []


def test_who_waits_too_long_is_told_so(picture: Image) -> None:
    jobs = VisionJobs()
    with pytest.raises(Unavailable, match="no answer"):
        jobs.run(lambda networks: networks.detect(picture), timeout=0.01)
    recogniser = EndlessDoor(NewestFrame(), frames=1)
    jobs.do_next(recogniser)
    assert recogniser.done == []


def test_watchers_see_each_frame_until_they_leave() -> None:
    jobs, seen = VisionJobs(), list[Frame]()

    def watching() -> Iterator[Frame]:
        with jobs.watching(seen.append):
            one = frame(1)
            jobs.show(one)
            yield one
        jobs.show(frame(2))

    assert list(watching()) == seen
