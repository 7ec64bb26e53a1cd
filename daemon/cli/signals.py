"""SIGTERM and SIGINT as an event."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

NUMBERS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stopping_on_signals(stop: threading.Event) -> Iterator[None]:
    """Within, SIGTERM and SIGINT set `stop` instead of ending the process. Main thread only.

    The handler itself may not set it: it interrupts the main thread, which may be holding the event's own lock.
    SimpleQueue.put is the one hand-over that is documented to bear this.
    """
    arrived: SimpleQueue[int] = SimpleQueue()

    def wait() -> None:
        arrived.get()
        stop.set()

    waiter = threading.Thread(target=wait, name="signals", daemon=True)
    waiter.start()
    before = {number: signal.signal(number, lambda came, _frame: arrived.put(came)) for number in NUMBERS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        arrived.put(0)
        waiter.join()
