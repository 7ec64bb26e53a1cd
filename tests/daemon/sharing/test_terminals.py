"""Three real processes on one real mosquitto end equal, whatever happened to each."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.mosquitto import Mosquitto, running, wait_until

PEOPLE = 150
NAMES = ("door1", "door2", "door3")
DEADLINE_SECONDS = 60.0


class Process:
    """A terminal in a process of its own."""

    def __init__(self, *, folder: Path, port: int, name: str) -> None:
        folder.mkdir(exist_ok=True)
        command = [sys.executable, "-W", "error", "-m", "tests.daemon.sharing_terminal", str(folder), str(port), name]
        self.name = name
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._unread = 0

    def tell(self, word: str) -> None:
        """Have something done; the answer is waited for with the next question."""
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        self._unread += 1

    def ask(self, word: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        self.tell(word)
        for _ in range(self._unread):
            answer = self._process.stdout.readline()
        self._unread = 0
        value = json.loads(answer)
        assert isinstance(value, dict)
        return value

    def kill(self) -> None:
        os.kill(self._process.pid, signal.SIGKILL)
        self._close()

    def end(self) -> None:
        assert self._process.stdin is not None
        if not self._process.stdin.closed:
            self._process.stdin.close()
            self._close()

    def _close(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stdin is not None
        self._process.stdout.read()
        self._process.stdout.close()
        self._process.stdin.close()
        self._process.wait(20)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running(tmp_path) as broker:
        yield broker


@pytest.fixture
def terminals(tmp_path: Path, broker: Mosquitto) -> Iterator[list[Process]]:
    processes = [Process(folder=tmp_path / name, port=broker.port, name=name) for name in NAMES]
    yield processes
    for process in processes:
        process.end()


def settle(terminals: list[Process], what: str) -> list[dict[str, Any]]:
    """Wait until all are equal and at rest; gives their states."""
    states: list[dict[str, Any]] = []

    def equal() -> bool:
        states[:] = [terminal.ask("state") for terminal in terminals]
        if not all(state["complete"] and state["idle"] and not state["counts"]["due"] for state in states):
            return False
        return len({state["fingerprint"] for state in states}) == 1

    try:
        wait_until(equal, what, DEADLINE_SECONDS)
    except AssertionError as failure:
        raise AssertionError(f"{failure}: {json.dumps(states, indent=1)}") from None
    return states


def test_terminals_end_equal_after_concurrent_changes_outages_and_a_kill(
    tmp_path: Path, broker: Mosquitto, terminals: list[Process]
) -> None:
    first, second, third = terminals
    for terminal in terminals:
        terminal.tell("online")
    for start, terminal in zip((0, 50, 100), terminals, strict=True):
        terminal.tell(f"change {start} 100")
    second.tell("offline")
    for terminal in terminals:
        terminal.tell("change 0 150")
    third.kill()
    terminals[2] = third = Process(folder=tmp_path / "door3", port=broker.port, name="door3")
    third.tell("change 0 60")
    broker.stop(kill=True)
    first.tell("change 0 60")
    broker.start()  # having forgotten everything that it retained
    second.tell("online")
    third.tell("online")
    states = settle(terminals, "equal galleries")
    assert 50 < states[0]["people"] <= PEOPLE + 50
    assert not any(state["refused"] or state["ahead"] for state in states)
    # A new one is complete when it has read what is retained.
    fourth = Process(folder=tmp_path / "door4", port=broker.port, name="door4")
    terminals.append(fourth)
    fourth.tell("online")
    assert settle(terminals, "the new terminal")[-1]["sent"] == 0
