"""How fast people reach all terminals of a site: real processes on one real mosquitto with its default limits.

The first terminal has everybody and comes online beside empty ones; then a new one joins. The folder should lie on the
medium that the terminals' stores will have.
"""

import argparse
import hashlib
import json
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from daemon.config.settings import Mqtt, Sharing
from daemon.sharing.messages import SharedTemplate, SiteCodec, encode_person
from daemon.sharing.site_key import SiteKey
from daemon.sharing.thread import Sharer
from daemon.sharing.versions import Version
from daemon.storage.masterkey import GivenKey
from daemon.storage.people import Person
from daemon.storage.records import StoredTemplate
from daemon.storage.store import Store
from daemon.storage.vault import Vault
from scripts.bench_mqtt import mosquitto

MODEL = "bench/1"
DIMENSION = 513
SITE = SiteKey(key=bytes(range(32)))
DEADLINE_SECONDS = 1800.0
TICK_SECONDS = 0.005
REST_SECONDS = 5.0


@dataclass(frozen=True)
class Report:
    """Times in seconds, memory in MB (peak, and what sharing added to a terminal that had started), CPU in seconds.

    `converge`: from the first terminal's start until all hold everybody and nothing is due; `join`: until a new
    terminal is complete and equal; `one`: until a single removal has reached all. `tick_p99_ms` is how late a thread
    that wakes every 5 ms was woken in a terminal that took everybody in, what a vision thread would have felt;
    `rest_p99_ms` is the same just before, with nothing to share.
    """

    people: int
    terminals: int
    converge: float
    published: int
    received: int
    payload_bytes: int
    broker_bytes_sent: int
    join: float
    one: float
    cpu_first: float
    cpu_other: float
    peak_mb: float
    added_mb: float
    tick_p99_ms: float
    tick_max_ms: float
    rest_p99_ms: float


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench sharing", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000, help="people on the first terminal, one template each")
    parser.add_argument("--terminals", type=int, default=3, help="terminals that are online from the start")
    parser.add_argument("--folder", type=Path, help="where the stores lie (a temporary folder)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--terminal", nargs=4, metavar=("FOLDER", "PORT", "NAME", "PEOPLE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.terminal is not None:
        folder, port, name, people = arguments.terminal
        Terminal(folder=Path(folder), port=int(port), name=name, people=int(people)).serve()
        return 0
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        print("mosquitto is not installed: apt-get install mosquitto", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        report = measure(Path(folder), program, arguments.people, max(arguments.terminals, 2))
    print(json.dumps(asdict(report)) if arguments.json else describe(report))
    return 0


class Terminal:
    """One terminal: words on standard input, JSON on standard output."""

    def __init__(self, *, folder: Path, port: int, name: str, people: int) -> None:
        folder.mkdir()
        self._store = Store(path=folder / "people.db", vault=Vault(source=GivenKey("bench", bytes(32))))
        if people:
            fill(self._store, people)
        self._sharer = Sharer(
            store=self._store,
            site=SITE,
            sharing=Sharing(),
            mqtt=Mqtt.model_validate({"host": "127.0.0.1", "port": port}),
            device_id=name,
            alarm=lambda kind, detail: print(kind, detail, file=sys.stderr),
        )
        self._late: list[float] = []
        self._rest: list[float] = []
        self._before = peak_mb(), time.process_time()

    def serve(self) -> None:
        threading.Thread(target=self._tick, daemon=True).start()
        for line in sys.stdin:
            print(json.dumps(self._answer(line.strip())), flush=True)
        self._sharer.close()

    def _answer(self, word: str) -> Mapping[str, Any]:
        if word == "online":
            self._sharer.start()
            return {}
        if word == "rest":
            self._rest, self._late = self._late, []
            return {}
        if word == "remove":
            self._store.remove("person-0")
            return {}
        if word == "costs":
            return self._costs()
        state = self._sharer.state
        return {**asdict(state), "fingerprint": fingerprint(self._store) if word == "fingerprint" else ""}

    def _costs(self) -> Mapping[str, Any]:
        peak, cpu = peak_mb(), time.process_time()
        late, rest = (np.array(times or [0.0]) * 1000 for times in (self._late, self._rest))
        return {
            "rest_p99_ms": float(np.percentile(rest, 99)),
            "peak_mb": peak,
            "added_mb": peak - self._before[0],
            "cpu": cpu - self._before[1],
            "tick_p99_ms": float(np.percentile(late, 99)),
            "tick_max_ms": float(late.max()),
        }

    def _tick(self) -> None:
        while True:
            start = time.perf_counter()
            time.sleep(TICK_SECONDS)
            self._late.append(time.perf_counter() - start - TICK_SECONDS)


def fill(store: Store, count: int) -> None:
    """Everybody in one transaction: how they got there is not what is measured."""
    rng, now = np.random.default_rng(1), datetime.now(timezone.utc)
    with store.file.writing() as session:
        session.put_secret("transform", SITE.transform_secret)
        model = session.need_model(MODEL)
        for index in range(count):
            name = f"person-{index}"
            vector = rng.standard_normal(DIMENSION, dtype=np.float32)
            number = session.put_person(Person(name, now, now, templates=1), None)
            stored = StoredTemplate(name, now, 0.9, "bench", vector / np.linalg.norm(vector))
            session.put_templates(number, model, [stored])


def fingerprint(store: Store) -> str:
    person_ids, rows = store.templates(MODEL)
    found = sorted(zip(person_ids, (row.tobytes() for row in rows), strict=True))
    return hashlib.sha256(repr(found).encode()).hexdigest()


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Process:
    """A terminal in a process of its own."""

    def __init__(self, *, folder: Path, port: int, name: str, people: int) -> None:
        given = [str(folder / name), str(port), name, str(people)]
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--terminal", *given], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, word: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert isinstance(answer, dict)
        return answer

    def end(self) -> None:
        self._process.communicate()


def measure(folder: Path, program: str, people: int, terminals: int) -> Report:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with mosquitto(program, folder, port), ExitStack() as stack:
        processes = []
        for index in range(terminals + 1):
            given = people if index == 0 else 0
            process = Process(folder=folder, port=port, name=f"door{index + 1}", people=given)
            stack.callback(process.end)
            processes.append(process)
        *early, late = processes
        for process in early[1:]:
            process.ask("online")
        wait_for(lambda: all(process.ask("state")["complete"] for process in early[1:]))
        time.sleep(REST_SECONDS)
        for process in early:
            process.ask("rest")
        converge = timed(lambda: early[0].ask("online"), lambda: settled(early, people))
        costs = [process.ask("costs") for process in early]
        states = [process.ask("fingerprint") for process in early]
        join = timed(lambda: late.ask("online"), lambda: settled([late], people))
        fingerprints = {state["fingerprint"] for state in [*states, late.ask("fingerprint")]}
        if len(fingerprints) != 1:
            raise RuntimeError("the terminals are not equal")
        one = timed(lambda: early[0].ask("remove"), lambda: settled(processes, people - 1))
        others = costs[1:]
        return Report(
            people=people,
            terminals=terminals,
            converge=round(converge, 1),
            published=sum(state["sent"] for state in states),
            received=sum(state["received"] for state in states),
            payload_bytes=payload_bytes(),
            broker_bytes_sent=payload_bytes() * sum(state["received"] for state in states),
            join=round(join, 1),
            one=round(one, 2),
            cpu_first=round(costs[0]["cpu"], 1),
            cpu_other=round(max(cost["cpu"] for cost in others), 1),
            peak_mb=round(max(cost["peak_mb"] for cost in others), 1),
            added_mb=round(max(cost["added_mb"] for cost in others), 1),
            tick_p99_ms=round(max(cost["tick_p99_ms"] for cost in others), 2),
            tick_max_ms=round(max(cost["tick_max_ms"] for cost in others), 1),
            rest_p99_ms=round(max(cost["rest_p99_ms"] for cost in others), 2),
        )


def payload_bytes() -> int:
    """Of one person with one template, as sealed."""
    now = datetime.now(timezone.utc)
    stored = StoredTemplate("person-1234", now, 0.9, "bench", np.zeros(DIMENSION, np.float32))
    content = encode_person(Person("person-1234", now, now, templates=1), [SharedTemplate(MODEL, stored)])
    version = Version(1, 0, "door1", bytes(8))
    return len(SiteCodec(site=SITE, base_topic="auther").seal(SITE.person_hash("person-1234"), version, content))


def settled(processes: Sequence[Process], people: int) -> bool:
    states = [process.ask("state") for process in processes]
    return all(state["complete"] and state["idle"] and state["counts"]["people"] == people for state in states)


def timed(start: Callable[[], object], done: Callable[[], bool]) -> float:
    began = time.perf_counter()
    start()
    wait_for(done)
    return time.perf_counter() - began


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"the terminals are not equal after {DEADLINE_SECONDS:g} s")
        time.sleep(0.1)


def describe(report: Report) -> str:
    return "\n".join(
        [
            f"{report.people} people to {report.terminals} terminals   {report.converge:8.1f} s until all are equal",
            f"messages                 {report.published} published, {report.received} received,"
            f" {report.payload_bytes} bytes each, {report.broker_bytes_sent / 1e6:.1f} MB out of the broker",
            f"a new terminal           {report.join:8.1f} s until complete",
            f"one removal              {report.one:8.2f} s until all know",
            f"CPU                      {report.cpu_first:8.1f} s on the first, {report.cpu_other:.1f} s on another",
            f"memory                   {report.peak_mb:8.1f} MB at the peak, {report.added_mb:.1f} MB of it by sharing",
            f"a thread beside it       {report.tick_p99_ms:.2f} ms late (p99), {report.tick_max_ms:.1f} ms at most;"
            f" {report.rest_p99_ms:.2f} ms at rest",
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
