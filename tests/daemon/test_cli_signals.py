"""Signals to this process, as an event or a call."""

import os
import signal
import threading

import pytest

from daemon.cli.signals import stopping_on_signals

LONG = 10.0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_is_told_to_stop(number: int) -> None:
    stop = threading.Event()
    before = signal.getsignal(number)
    with stopping_on_signals(stop):
        os.kill(os.getpid(), number)
        assert stop.wait(LONG)
    assert signal.getsignal(number) is before


def test_sighup_calls_and_may_call_again() -> None:
    stop, called = threading.Event(), threading.Semaphore(0)
    with stopping_on_signals(stop, reload=called.release):
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGHUP)
            assert called.acquire(timeout=LONG)
        assert not stop.is_set()


def test_without_a_call_sighup_is_what_it_was() -> None:
    before = signal.getsignal(signal.SIGHUP)
    with stopping_on_signals(threading.Event()):
        assert signal.getsignal(signal.SIGHUP) is before
