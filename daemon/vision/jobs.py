"""One-off work for the networks: a bounded queue that the vision thread serves between frames, a job at a time."""

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from functools import partial
from typing import Any, Generic, TypeVar

from daemon.errors import Busy, Unavailable
from daemon.vision.recogniser import Recogniser
from hw.camera import Frame

T = TypeVar("T")
Work = Callable[[Recogniser], T]
"""What is done in one turn; to delay the door by no more than that, one network runs in it."""

Steps = Callable[[Recogniser], Generator[None, None, T]]
"""Work of several turns: what lies between two yields is done in one."""

LIMIT = 16
STOPPING = "the terminal is being stopped; try again when it is back"


class _Job(Generic[T]):
    """Work under way. Of one turn or of several."""

    def __init__(self, steps: Steps[T]) -> None:
        self.future: Future[T] = Future()
        self._steps = steps
        self._under_way: Generator[None, None, T] | None = None

    def do(self, recogniser: Recogniser) -> bool:
        """One turn of it; whether more follow."""
        if self._under_way is None:
            if not self.future.set_running_or_notify_cancel():
                return False
            self._under_way = self._steps(recogniser)
        try:
            next(self._under_way)
        except StopIteration as end:
            self.future.set_result(end.value)
        except Exception as error:
            self.future.set_exception(error)
        else:
            return True
        return False

    def refuse(self, error: Exception) -> None:
        if self._under_way is not None or self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)


class VisionJobs:
    """Work from any thread for the one that owns the networks, at most `limit` jobs at a time."""

    def __init__(self, *, limit: int = LIMIT) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._waiting: deque[_Job[Any]] = deque()
        self._watchers: tuple[Callable[[Frame], None], ...] = ()
        self._wake: Callable[[], None] = lambda: None
        self._closed = False

    @property
    def depth(self) -> int:
        """How many jobs wait."""
        return len(self._waiting)

    def run(self, work: Work[T], *, timeout: float) -> T:
        """What the work comes to, or its error. Raises Busy when the queue is full, Unavailable after `timeout` s."""
        return self.run_steps(partial(_in_one_turn, work), timeout=timeout)

    def run_steps(self, steps: Steps[T], *, timeout: float) -> T:
        """As `run`, for work of several turns, which asks for none of them anew."""
        future = self.submit(steps)
        try:
            return future.result(timeout)
        except FutureTimeout:
            if future.done():
                raise
            future.cancel()
            raise Unavailable(f"the networks gave no answer within {timeout:g} s; try again later") from None

    def submit(self, steps: Steps[T]) -> "Future[T]":
        """Put work at the end; a future that is cancelled before its turn costs nothing. Raises Busy, Unavailable."""
        job = _Job(steps)
        with self._lock:
            if self._closed:
                raise Unavailable(STOPPING)
            if len(self._waiting) >= self._limit:
                raise Busy(f"{self._limit} pictures are waiting already; try again in a moment")
            self._waiting.append(job)
            wake = self._wake
        wake()
        return job.future

    @contextmanager
    def watching(self, watcher: Callable[[Frame], None]) -> Iterator[None]:
        """Within, `watcher` gets each frame on the vision thread; it has to return at once and may not raise."""
        with self._lock:
            self._watchers = (*self._watchers, watcher)
        try:
            yield
        finally:
            with self._lock:
                self._watchers = tuple(one for one in self._watchers if one is not watcher)

    @contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Within, `wake` is called for every new job."""
        with self._lock:
            self._wake = wake
        try:
            yield
        finally:
            with self._lock:
                self._wake = lambda: None

    def waits(self) -> bool:
        """Whether there is something to do. Takes no lock."""
        return bool(self._waiting)

    def show(self, frame: Frame) -> None:
        """Hand a frame to who watches."""
        for watcher in self._watchers:
            watcher(frame)

    def do_next(self, recogniser: Recogniser) -> None:
        """Do one turn of the oldest job, if there is one. What it raises becomes the future's, never the caller's."""
        with self._lock:
            job = self._waiting.popleft() if self._waiting else None
        if job is None or not job.do(recogniser):
            return
        with self._lock:
            if not self._closed:
                self._waiting.appendleft(job)
                return
        job.refuse(Unavailable(STOPPING))

    def close(self) -> None:
        """Nothing is taken any more, and who waits is told so."""
        with self._lock:
            self._closed = True
            left, self._waiting = tuple(self._waiting), deque()
        for job in left:
            job.refuse(Unavailable(STOPPING))


def _in_one_turn(work: Work[T], recogniser: Recogniser) -> Generator[None, None, T]:
    yield from ()
    return work(recogniser)
