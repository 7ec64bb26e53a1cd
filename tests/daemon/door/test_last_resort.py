import signal
import subprocess
import sys

import pytest

from daemon.door.last_resort import locking_on_signals
from tests.conftest import ROOT

PROGRAM = """
import ctypes, os, signal, sys, threading
from daemon.door.last_resort import locking_on_signals

def lock():
    os.write(1, b"locked\\n")

signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
with locking_on_signals(lock):
    os.write(1, b"ready\\n")
    {wait}
"""
# pause() of the C library comes back for no signal whose handler restarts it, and Python is not asked in between.
HANGING = (
    "ctypes.CDLL(None).sem_wait(ctypes.byref((ctypes.c_char * 64)()))\n    while True: ctypes.CDLL(None).sleep(600)"
)
SLEEPING = "threading.Event().wait(600)"


def run(wait: str, number: signal.Signals) -> tuple[int, bytes]:
    """The status and the output after the greeting of a process that gets a signal."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.replace("{wait}", wait)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    rest = process.stdout.readline()
    status = process.wait(30)
    process.stdout.close()
    return status, rest


@pytest.mark.parametrize("wait", [SLEEPING, HANGING], ids=["sleeping", "hanging"])
def test_the_watchdogs_abort_locks_and_still_aborts(wait: str) -> None:
    assert run(wait, signal.SIGABRT) == (-signal.SIGABRT, b"locked\n")


def test_a_termination_locks_before_its_own_handler_ends_the_process() -> None:
    assert run(SLEEPING, signal.SIGTERM) == (3, b"locked\n")


def test_a_lock_that_fails_does_not_stop_the_dying() -> None:
    failing = SLEEPING + "\n"
    program = PROGRAM.replace('os.write(1, b"locked\\n")', 'os.write(1, b"tried\\n"); 1 / 0').replace("{wait}", failing)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGABRT)
    assert process.stdout.readline() == b"tried\n"
    assert process.wait(30) == -signal.SIGABRT
    process.stdout.close()


def test_everything_is_put_back() -> None:
    before = signal.getsignal(signal.SIGABRT), signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(before[1])
    with locking_on_signals(lambda: None):
        assert signal.getsignal(signal.SIGABRT) is not before[0]
    assert signal.getsignal(signal.SIGABRT) is before[0]
    assert signal.set_wakeup_fd(-1) == before[1]


def test_a_handler_that_is_not_pythons_own_is_no_obstacle() -> None:
    program = "from daemon.door.last_resort import locking_on_signals\nwith locking_on_signals(print): pass"
    command = [sys.executable, "-X", "faulthandler", "-c", program]
    done = subprocess.run(command, cwd=ROOT, check=False, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")
