"""SIGTERM and SIGINT as an event, SIGHUP as a call where it means one."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue

STOPPING = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stopping_on_signals(stop: threading.Event, *, reload: Callable[[], None] | None = None) -> Iterator[None]:
    """Within, SIGTERM and SIGINT set `stop` instead of ending the process, and SIGHUP calls `reload` from a thread.

    Without `reload`, SIGHUP is what it was: somebody's terminal was closed. Main thread only. The handler itself may
    not set it: it interrupts the main thread, which may be holding the event's own lock. SimpleQueue.put is the one
    hand-over that is documented to bear this.
    """
    arrived: SimpleQueue[int] = SimpleQueue()

    def wait() -> None:
        while (number := arrived.get()) == signal.SIGHUP:
            if reload is not None:
                reload()
        if number:
            stop.set()

    waiter = threading.Thread(target=wait, name="signals", daemon=True)
    waiter.start()
    numbers = STOPPING if reload is None else (*STOPPING, signal.SIGHUP)
    before = {number: signal.signal(number, lambda came, _frame: arrived.put(came)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        arrived.put(0)
        waiter.join()
