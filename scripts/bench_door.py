"""How fast and how exactly the door answers: decision to line, length of a pulse, rules for a person, Wiegand pulses.

With `--chip /dev/gpiochip0 --line RELAY` only the first, on a real line or under the GPIO simulator; otherwise lines
are simulated. `--sequences 100000` also walks so many random sequences through the state machine.
"""

import argparse
import multiprocessing
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

from daemon.config.door import Door
from daemon.config.rules import Rules
from daemon.door.machine import DoorMachine
from daemon.door.priority import run_first
from daemon.door.runner import DoorListener, DoorRunner
from daemon.events.door_changes import DoorEvent
from daemon.rules.access import AccessRules
from daemon.storage.people import Person
from daemon.types import Decision, Reason
from hw.backends import make_output_line
from hw.lines import OutputLine
from hw.simulated import SimulatedOutputLine
from hw.strike import Strike
from hw.wiegand import FORMATS
from hw.wiegand_wire import WiegandOutput

ROOT = Path(__file__).resolve().parent.parent
PULSE_SECONDS = 0.1
LIMITS = {"simulated": 2.0, "gpiod": 5.0, "pulse": 10.0, "rules": 0.1}


class TimedLine:
    """A line that notes when each of its switchings was done; being driven again as it is already is none."""

    def __init__(self, line: OutputLine) -> None:
        self._line, self._active = line, False
        self.switched: queue.SimpleQueue[tuple[bool, float]] = queue.SimpleQueue()

    def set(self, active: bool) -> None:
        self._line.set(active)
        if active is not self._active:
            self._active = active
            self.switched.put((active, time.monotonic()))

    def close(self) -> None:
        self._line.close()


class Deaf:
    """Hears nothing."""

    def tell(self, decision: Decision, driven: float | None = None) -> None: ...

    def tell_event(self, event: DoorEvent) -> None: ...

    def tell_door(self, *, locked: bool, lockdown: bool, is_open: bool | None) -> None: ...


def main(argv: Sequence[str] | None = None) -> int:
    """0 if every figure keeps its limit."""
    arguments = _parser().parse_args(argv)
    kind = "gpiod" if arguments.chip else "simulated"
    line = TimedLine(_line(arguments.chip, arguments.line))
    kept = [
        _report(f"decision to {kind} line, p99", _p99(strike_latencies(line, arguments.count, Deaf())), LIMITS[kind])
    ]
    if arguments.chip:
        line.close()
        return 0 if all(kept) else 1
    with _busy_cores():
        errors = _pulse_errors(line, max(20, arguments.count // 10))
    kept.append(_report("error of a pulse's length with all cores busy, p99", _p99(errors), LIMITS["pulse"]))
    line.close()
    kept.append(_report("all rules for one person, p99", _p99(_rule_times(arguments.count)), LIMITS["rules"]))
    _report_wiegand()
    if arguments.sequences:
        kept.append(_sequences(arguments.sequences))
    return 0 if all(kept) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chip", help="GPIO chip of a line that nothing hangs on; none: a simulated line")
    parser.add_argument("--line", default="RELAY", help="name of the line on the chip")
    parser.add_argument("--count", type=int, default=1000, help="grants")
    parser.add_argument("--sequences", type=int, default=0, help="random sequences through the state machine")
    return parser


def _line(chip: str | None, line: str) -> OutputLine:
    if chip is None:
        return SimulatedOutputLine()
    return make_output_line("gpiod", {"chip": chip, "line": line})


def _report(what: str, value: float, limit: float) -> bool:
    print(f"{what}: {value:.3f} ms (limit {limit:g} ms){'' if value <= limit else '  MISSED'}")
    return value <= limit


def _p99(values: Sequence[float]) -> float:
    """In milliseconds, of seconds."""
    return sorted(values)[min(len(values) - 1, len(values) * 99 // 100)] * 1000


@contextmanager
def _running(line: TimedLine, door: Door, listener: DoorListener) -> Iterator[DoorRunner]:
    runner = DoorRunner(
        strike=Strike(line=line, fail_safe=False),
        machine=DoorMachine(settings=door),
        listener=listener,
        grant_deadline_seconds=5.0,
        max_unlock_seconds=door.max_unlock_seconds,
    )
    stop = threading.Event()
    thread = threading.Thread(target=lambda: (run_first(), runner.run(stop)))
    thread.start()
    yield runner
    stop.set()
    runner.wake()
    thread.join()


def _granted() -> Decision:
    return Decision(1, Reason.GRANTED, time.monotonic(), "ada", 0.8, 0.9)


def _wait(line: TimedLine, wanted: bool) -> float:
    while True:
        active, at = line.switched.get()
        if active is wanted:
            return at


def strike_latencies(line: TimedLine, count: int, listener: DoorListener) -> list[float]:
    """Seconds from the decision to the driven line, of `count` grants told to `listener`."""
    found = []
    with _running(line, Door(pulse_seconds=60.0), listener) as runner:
        for _ in range(count):
            asked = time.monotonic()
            runner.grant(_granted())
            found.append(_wait(line, True) - asked)
            runner.lock()
            _wait(line, False)
    return found


def _pulse_errors(line: TimedLine, count: int) -> list[float]:
    found = []
    with _running(line, Door(pulse_seconds=PULSE_SECONDS, min_pulse_seconds=0.0), Deaf()) as runner:
        for _ in range(count):
            runner.grant(_granted())
            began = _wait(line, True)
            found.append(abs(_wait(line, False) - began - PULSE_SECONDS))
    return found


@contextmanager
def _busy_cores() -> Iterator[None]:
    workers = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(os.cpu_count() or 1)]
    for worker in workers:
        worker.start()
    yield
    for worker in workers:
        worker.terminate()
        worker.join()


def _spin() -> None:
    while True:
        sum(range(1000))


def _rule_times(count: int) -> list[float]:
    days = ("mon-fri", "sat,sun")
    windows = [f"{day} {start:02d}:00-{start + 2:02d}:00" for day in days for start in (6, 9, 12, 15)]
    begin = datetime(2026, 1, 1, tzinfo=timezone.utc)
    person = Person(
        "ada", begin, begin, valid_from=begin, valid_until=begin + timedelta(days=400), groups=tuple("abcd")
    )
    rules = AccessRules(
        rules=Rules.model_validate(
            {
                "timezone": "Europe/Berlin",
                "holidays": [f"2026-{month:02d}-01" for month in range(1, 13)],
                "schedules": {name: {"windows": windows} for name in "abcd"},
                "group_schedules": {name: name for name in "abcd"},
                "anti_passback": {"mode": "soft", "timeout_seconds": 1.0},
                "attempts": {"tries": 100},
                "two_person": {"groups": ["pairs"]},
                "second_factor": {"accept": ["pin"], "groups": ["vault"]},
                "duress_groups": ["duress"],
            }
        ),
        find=lambda _: person,
    )
    judge: Callable[[int], object] = lambda n: rules.judge(  # noqa: E731
        _granted(), now=float(n), wall=begin + timedelta(minutes=7 * n)
    )
    found = []
    for n in range(count):
        began = time.perf_counter()
        judge(n)
        found.append(time.perf_counter() - began)
    return found


def _report_wiegand() -> None:
    lines = SimulatedOutputLine(clock=time.perf_counter), SimulatedOutputLine(clock=time.perf_counter)
    output = WiegandOutput(data0=lines[0], data1=lines[1])
    for number in range(100):
        output.send(FORMATS["26"].encode(118, number))
    switched = [sorted(line.history[1:]) for line in lines]
    pulses = [off.time - on.time for line in switched for on, off in zip(line[::2], line[1::2], strict=True)]
    median = sorted(pulses)[len(pulses) // 2]
    worst = max(pulses) * 1e6
    print(f"Wiegand pulse of 50 µs: median {median * 1e6:.0f}, p99 {_p99(pulses) * 1000:.0f}, most {worst:.0f} µs")


def _sequences(count: int) -> bool:
    test = ROOT / "tests" / "daemon" / "test_door_sequences.py"
    environment = {**os.environ, "DOOR_SEQUENCES": str(count)}
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", str(test)], cwd=ROOT, env=environment, check=False)
    print(f"{count} random sequences: {'no strike held, no alarm lost' if done.returncode == 0 else 'FAILED'}")
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
