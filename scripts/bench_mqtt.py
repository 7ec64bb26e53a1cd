"""How fast events go through the outbox and a real mosquitto, and what a dead broker costs the one who appends.

The folder should lie on the medium that the terminal's store will have: each append waits for it.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from daemon.config.settings import Mqtt
from daemon.events.log import EventLog, messages
from daemon.events.outbox import Outbox
from daemon.mqtt.publisher import MqttPublisher
from daemon.types import AccessEvent, Reason
from hw.simulated import SimulatedOutputLine
from models.manifest import load_manifest
from models.similarity import ScoreScale
from scripts.bench_door import TimedLine, strike_latencies

DEADLINE_SECONDS = 120.0
PACE_SECONDS = 0.01
EVENT = AccessEvent("granted", Reason.GRANTED, 1.6e9, 1, "person-0001", 97.1, 0.98, 212.3)


@dataclass(frozen=True)
class Latency:
    """Of one call, in milliseconds."""

    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Report:
    """The latencies, with that of a bare 4 KiB write and fdatasync for comparison, and confirmed events a second.

    `strike_alive` and `strike_dead` are from a decision to a simulated line being driven, each being stored and told.
    `drain_per_second` is out of a full outbox, `through_per_second` from the first append to the last confirmation
    while events are appended as fast as they can be.
    """

    events: int
    alive: Latency
    dead: Latency
    disk: Latency
    through_per_second: float
    drain_per_second: float
    strike_alive: Latency
    strike_dead: Latency


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench mqtt", description=__doc__)
    parser.add_argument("--events", type=int, default=2000, help="events of each measurement")
    parser.add_argument("--folder", type=Path, help="where the outbox lies (a temporary folder)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args(argv)
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        print("mosquitto is not installed: apt-get install mosquitto", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        report = measure(Path(folder), program, max(arguments.events, 100))
    print(json.dumps(asdict(report)) if arguments.json else describe(report))
    return 0


def measure(folder: Path, program: str, events: int) -> Report:
    """Dead and alive in one run, on the same files and the same machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    outbox = Outbox(path=folder / "events.db", device_id="bench", limit=10_000_000, max_age_seconds=1e9)
    publisher = MqttPublisher(outbox=outbox, settings=settings(port), device_id="bench")
    publisher.start()
    try:
        disk = bare_disk(folder, events)
        dead = latency(lambda: append(outbox, publisher), events)
        strike_dead = strike(outbox, publisher, events)
        with mosquitto(program, folder, port):
            wait_for(lambda: publisher.connected)
            start, waiting = time.perf_counter(), outbox.unconfirmed
            wait_for(lambda: outbox.unconfirmed == 0)
            drain = waiting / (time.perf_counter() - start)
            alive = latency(lambda: append(outbox, publisher), events)
            strike_alive = strike(outbox, publisher, events)
            wait_for(lambda: outbox.unconfirmed == 0)
            through = throughput(outbox, publisher, events)
            publisher.close()
    finally:
        publisher.close()
        outbox.close()
    return Report(events, alive, dead, disk, round(through), round(drain), strike_alive, strike_dead)


def settings(port: int) -> Mqtt:
    return Mqtt.model_validate({"host": "127.0.0.1", "port": port})


def latency(action: Callable[[], None], events: int) -> Latency:
    """At a steady pace, faster than any door."""
    times = []
    for _ in range(events):
        start = time.perf_counter()
        action()
        times.append((time.perf_counter() - start) * 1000)
        time.sleep(PACE_SECONDS)
    return Latency(round(statistics.median(times), 3), round(statistics.quantiles(times, n=100)[98], 3))


def strike(outbox: Outbox, publisher: MqttPublisher, grants: int) -> Latency:
    """The door with its events going where the terminal's go."""
    log = EventLog(
        outbox=outbox,
        scale=ScoreScale(load_manifest().embedder.similarity),
        on_access=lambda _: publisher.notify(),
        on_event=lambda _: publisher.notify(),
        on_door=publisher.publish_door,
    )
    stop = threading.Event()
    writer = threading.Thread(target=lambda: log.run(stop))
    writer.start()
    times = [seconds * 1000 for seconds in strike_latencies(TimedLine(SimulatedOutputLine()), grants, log)]
    stop.set()
    writer.join()
    return Latency(round(statistics.median(times), 3), round(statistics.quantiles(times, n=100)[98], 3))


def bare_disk(folder: Path, events: int) -> Latency:
    with (folder / "bare").open("wb", buffering=0) as file:

        def write() -> None:
            file.write(bytes(4096))
            os.fdatasync(file.fileno())

        return latency(write, events)


def throughput(outbox: Outbox, publisher: MqttPublisher, events: int) -> float:
    start = time.perf_counter()
    for _ in range(events):
        append(outbox, publisher)
    wait_for(lambda: outbox.unconfirmed == 0)
    return events / (time.perf_counter() - start)


def append(outbox: Outbox, publisher: MqttPublisher) -> None:
    outbox.append("access", messages.access_payload(EVENT))
    publisher.notify()


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"the broker did not take the events within {DEADLINE_SECONDS:g} s")
        time.sleep(0.002)


@contextmanager
def mosquitto(program: str, folder: Path, port: int) -> Iterator[None]:
    configuration = folder / "mosquitto.conf"
    configuration.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    with subprocess.Popen([program, "-c", configuration], stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def describe(report: Report) -> str:
    return "\n".join(
        [
            f"append, broker alive   p50 {report.alive.p50_ms:7.3f} ms   p99 {report.alive.p99_ms:7.3f} ms",
            f"append, broker dead    p50 {report.dead.p50_ms:7.3f} ms   p99 {report.dead.p99_ms:7.3f} ms",
            f"decision to strike, broker alive  p50 {report.strike_alive.p50_ms:.3f} ms"
            f"   p99 {report.strike_alive.p99_ms:.3f} ms",
            f"decision to strike, broker dead   p50 {report.strike_dead.p50_ms:.3f} ms"
            f"   p99 {report.strike_dead.p99_ms:.3f} ms",
            f"bare write and sync    p50 {report.disk.p50_ms:7.3f} ms   p99 {report.disk.p99_ms:7.3f} ms",
            f"outbox to broker       {report.through_per_second:7.0f} events/s while they are made,"
            f" {report.drain_per_second:.0f} events/s after an outage",
            f"({report.events} events each)",
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
