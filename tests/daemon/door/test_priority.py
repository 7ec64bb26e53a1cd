import os
import threading

import pytest

from daemon.door.priority import run_first


def in_a_thread() -> tuple[bool, int]:
    found: list[tuple[bool, int]] = []
    thread = threading.Thread(target=lambda: found.append((run_first(), os.sched_getscheduler(0))))
    thread.start()
    thread.join()
    return found[0]


def test_the_thread_goes_first_where_it_may_and_no_other_does() -> None:
    permitted, policy = in_a_thread()
    assert policy == (os.SCHED_FIFO if permitted else os.SCHED_OTHER)
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_without_permission_it_runs_as_others_do(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    with caplog.at_level("INFO"):
        assert in_a_thread() == (False, os.SCHED_OTHER)
    assert "LimitRTPRIO=10" in caplog.text
