"""What happens at the terminal, told live to whoever listens at the moment."""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

LISTENERS = 8
BEHIND = 100

Happening = Mapping[str, object]


class LiveFeed:
    """Passes on to `outlets`, in their order, and to those who listen.

    A listener that falls BEHIND misses the oldest; nobody waits for one.
    """

    def __init__(self, *, outlets: Sequence[Callable[[Happening], None]] = ()) -> None:
        self._outlets = tuple(outlets)
        self._lock = threading.Lock()
        self._listeners: tuple[queue.Queue[Happening], ...] = ()
        self._door: Happening | None = None

    @property
    def door(self) -> Happening | None:
        """How the door stood when it was told last."""
        return self._door

    @property
    def full(self) -> bool:
        """Nobody else can listen."""
        return len(self._listeners) >= LISTENERS

    def tell(self, happening: Happening) -> None:
        """Hand on; returns at once as far as listeners go."""
        if happening.get("kind") == "door":
            self._door = happening
        for outlet in self._outlets:
            outlet(happening)
        for listener in self._listeners:
            while True:
                try:
                    listener.put_nowait(happening)
                    break
                except queue.Full:
                    _discard_oldest(listener)

    @contextmanager
    def listening(self) -> Iterator["queue.Queue[Happening] | None"]:
        """Within, what happens arrives in the queue; None when LISTENERS listen already."""
        mine: queue.Queue[Happening] = queue.Queue(BEHIND)
        with self._lock:
            admitted = len(self._listeners) < LISTENERS
            if admitted:
                self._listeners = (*self._listeners, mine)
        try:
            yield mine if admitted else None
        finally:
            with self._lock:
                self._listeners = tuple(one for one in self._listeners if one is not mine)


def _discard_oldest(listener: "queue.Queue[Happening]") -> None:
    try:
        listener.get_nowait()
    except queue.Empty:
        return
