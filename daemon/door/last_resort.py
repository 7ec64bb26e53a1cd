"""Locks the strike when the process is told to die while nothing else answers any more.

Python runs a signal's handler in the main thread, between two of its instructions: a main thread that hangs in a
library never gets there. The interpreter's C handler, however, writes the signal's number to a file descriptor at
once; a thread that waits on it can still drive the strike.
"""

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)

# systemd's watchdog aborts; an operator terminates.
FATAL = (signal.SIGABRT,)
WATCHED = (signal.SIGABRT, signal.SIGTERM, signal.SIGINT)


@contextmanager
def locking_on_signals(
    lock: Callable[[], None],
    *,
    fatal: Collection[signal.Signals] = FATAL,
    watched: Collection[signal.Signals] = WATCHED,
) -> Iterator[None]:
    """While it lasts, call `lock` (from a thread of its own) first thing at each of the signals.

    A fatal one then ends the process with its default action. The others' handlers, which must be there before, run
    as ever. To be entered in the main thread; raises ValueError in another.
    """
    heard, written = socket.socketpair()
    written.setblocking(False)
    before = signal.set_wakeup_fd(written.fileno(), warn_on_full_buffer=False)
    # The default action would end the process before anybody is woken.
    handlers = {number: signal.signal(number, lambda *_: None) for number in fatal}
    thread = threading.Thread(
        target=_listen, args=(heard, lock, frozenset(fatal), frozenset(watched)), name="last resort", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in handlers.items():
            # None stands for one that is not Python's own, as faulthandler's.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        written.close()
        thread.join()
        heard.close()


def _listen(
    heard: socket.socket,
    lock: Callable[[], None],
    fatal: frozenset[signal.Signals],
    watched: frozenset[signal.Signals],
) -> None:
    while number := heard.recv(1):
        if number[0] not in watched:
            continue
        try:
            lock()
        except Exception:
            log.exception("the strike could not be locked on signal %d", number[0])
        if number[0] in fatal:
            _die(number[0])


def _die(number: int) -> None:
    """As the signal's default action does; the wait status tells of the signal, as a service manager expects."""
    log.critical("ended by signal %d; the strike is locked", number)
    if number == signal.SIGABRT:
        os.abort()
    os._exit(128 + number)
