"""A thread of the terminal's beside a test."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LONG = 10.0


@contextmanager
def running(run: Callable[[threading.Event], None]) -> Iterator[None]:
    """Within, `run` does its work; told to stop, it has to."""
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LONG)
    assert not thread.is_alive()
