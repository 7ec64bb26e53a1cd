"""One-off work for the networks: a bounded queue that the vision thread serves between frames, a job at a time."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from daemon.errors import Busy, Unavailable
from daemon.vision.recogniser import Recogniser
from hw.camera import Frame

T = TypeVar("T")
Work = Callable[[Recogniser], T]
"""What is done in one turn; to delay the door by no more than that, one network runs in it."""

LIMIT = 16
STOPPING = "the terminal is being stopped; try again when it is back"


@dataclass(frozen=True, eq=False)
class _Job(Generic[T]):
    work: Work[T]
    future: "Future[T]"

    def do(self, recogniser: Recogniser) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self.work(recogniser)
        except Exception as error:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


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
        future = self.submit(work)
        try:
            return future.result(timeout)
        except FutureTimeout:
            if future.done():
                raise
            future.cancel()
            raise Unavailable(f"the networks gave no answer within {timeout:g} s; try again later") from None

    def submit(self, work: Work[T]) -> "Future[T]":
        """Put work at the end; a future that is cancelled before its turn costs nothing. Raises Busy, Unavailable."""
        job: _Job[T] = _Job(work, Future())
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
        """Do the oldest job, if there is one. What it raises becomes the future's, never the caller's."""
        with self._lock:
            job = self._waiting.popleft() if self._waiting else None
        if job is not None:
            job.do(recogniser)

    def close(self) -> None:
        """Nothing is taken any more, and who waits is told so."""
        with self._lock:
            self._closed = True
            left, self._waiting = tuple(self._waiting), deque()
        for job in left:
            if job.future.set_running_or_notify_cancel():
                job.future.set_exception(Unavailable(STOPPING))
