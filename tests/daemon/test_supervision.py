import threading
from collections.abc import Iterator

import pytest

from daemon.supervision import Supervisor

LONG = 10.0


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    supervisor = Supervisor()
    yield supervisor
    supervisor.stop.set()
    assert supervisor.join(LONG) == []


def test_an_error_stops_everything_and_is_named(supervisor: Supervisor) -> None:
    error = RuntimeError("the lens fell off")

    def fail() -> None:
        raise error

    ended: list[bool] = []
    supervisor.start("door", lambda: ended.append(supervisor.stop.wait(LONG)))
    supervisor.start("camera", fail)
    assert supervisor.stop.wait(LONG)
    assert supervisor.join(LONG) == []
    assert supervisor.failure == ("camera", error)
    assert ended == [True]


def test_the_first_failure_is_the_one_that_is_named(supervisor: Supervisor) -> None:
    def fail(message: str) -> None:
        raise RuntimeError(message)

    supervisor.start("first", lambda: fail("first"))
    assert supervisor.stop.wait(LONG)
    supervisor.start("second", lambda: fail("second"))
    assert supervisor.join(LONG) == []
    assert supervisor.failure is not None
    assert supervisor.failure[0] == "first"


def test_even_an_exit_of_a_thread_is_a_failure(supervisor: Supervisor) -> None:
    def leave() -> None:
        raise SystemExit(0)

    supervisor.start("vision", leave)
    assert supervisor.stop.wait(LONG)
    assert supervisor.join(LONG) == []
    assert supervisor.failure is not None


def test_a_thread_that_may_not_finish_stops_everything_without_a_failure(supervisor: Supervisor) -> None:
    supervisor.start("vision", lambda: None)
    assert supervisor.stop.wait(LONG)
    assert supervisor.failure is None


def test_a_thread_that_may_finish_stops_nothing(supervisor: Supervisor) -> None:
    supervisor.start("camera", lambda: None, may_finish=True)
    assert supervisor.join(LONG) == []
    assert not supervisor.stop.is_set()
    assert supervisor.failure is None


def test_join_names_those_that_still_run(supervisor: Supervisor) -> None:
    go = threading.Event()
    supervisor.start("stuck", lambda: go.wait(LONG) and None)
    supervisor.start("done", lambda: None)
    assert supervisor.join(0.05) == ["stuck"]
    go.set()


def test_a_failure_is_logged_as_critical(supervisor: Supervisor, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("no power")

    supervisor.start("door", fail)
    assert supervisor.join(LONG) == []
    assert "door failed: no power" in caplog.text
    assert "CRITICAL" in {record.levelname for record in caplog.records}
