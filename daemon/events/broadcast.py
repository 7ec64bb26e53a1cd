"""Values passed on from any thread to all who listen at the moment. Nobody waits for a listener."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

BEHIND = 100

T = TypeVar("T")


class Broadcast(Generic[T]):
    """Up to `limit` listen. One that falls BEHIND misses the oldest."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._listeners: tuple[queue.Queue[T], ...] = ()

    def tell(self, value: T) -> None:
        """Hand on; returns at once."""
        for listener in self._listeners:
            while True:
                try:
                    listener.put_nowait(value)
                    break
                except queue.Full:
                    _discard_oldest(listener)

    @contextmanager
    def listening(self, first: Callable[[], Sequence[T]] = tuple) -> "Iterator[queue.Queue[T] | None]":
        """Within, values arrive in the queue, before them those that `first` gives; None when it is full already.

        `first` is called once the listener would hear of a change to what it gives.
        """
        mine: queue.Queue[T] = queue.Queue(BEHIND)
        with self._lock:
            admitted = len(self._listeners) < self._limit
            if admitted:
                self._listeners = (*self._listeners, mine)
        if admitted:
            for value in first():
                mine.put_nowait(value)
        try:
            yield mine if admitted else None
        finally:
            with self._lock:
                self._listeners = tuple(one for one in self._listeners if one is not mine)


def _discard_oldest(listener: "queue.Queue[T]") -> None:
    try:
        listener.get_nowait()
    except queue.Empty:
        return
