"""The soak: a daemon that sees people come and go as fast as it can look, for hours, and must not grow.

While the film of the demonstration is played over and over, without its pauses, an application enrols, identifies and
erases over the API, listeners of events come and go, and the broker is there and gone by turns. Memory, descriptors,
threads and processor time per frame of the last quarter are compared with those of the second; the first is for
caches to fill.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median
from urllib.error import URLError

import cv2
import psutil
from demo_broker import find_mosquitto, free_port, running_broker
from demo_film import person_picture, shoot, stranger_picture

from scripts.client import ApiError, Client
from scripts.soak_guests import Guests

PERSON_ID = "grace-hopper"
START_SECONDS = 60.0


@dataclass(frozen=True)
class Sample:
    """The daemon at one moment; `cpu_ms` is what a frame has cost since the sample before."""

    memory_mb: float
    descriptors: float
    threads: float
    cpu_ms: float


# How much more the end may have than the second quarter: a share of it, and so much in any case.
ALLOWED = Sample(memory_mb=0.03, descriptors=0.0, threads=0.0, cpu_ms=0.15)
SLACK = Sample(memory_mb=4.0, descriptors=4.0, threads=2.0, cpu_ms=0.5)


def main(argv: Sequence[str]) -> int:
    """1 when something has grown, or the daemon did not see the soak's end."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long (default 30)")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two samples")
    options = parser.parse_args(argv)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="auther-soak-")))
        shoot(folder / "film.avi")
        ports = free_port(), free_port()
        config = _configure(folder, api=ports[0], broker=ports[1])
        _auther(config, "enroll", PERSON_ID, "--image", str(person_picture()))
        key = json.loads(
            _auther(config, "keys", "create", "soak", "--may", "persons,identify,verify,compare,device", "--json")
        )
        daemon = stack.enter_context(_running(config, folder / "daemon.log"))
        client = _await_ready(daemon, f"https://127.0.0.1:{ports[0]}", key["key"], folder / "store" / "tls.crt")
        stop = threading.Event()
        guests = Guests(client=client, picture=_close_up(stranger_picture()), stop=stop)
        stack.enter_context(guests.busy())
        broker = threading.Thread(target=_broker_by_turns, args=(folder, ports[1], stop))
        broker.start()
        stack.callback(broker.join)
        stack.callback(stop.set)
        samples = _watch(daemon, client, minutes=options.minutes, every=options.every)
        return _verdict(samples, guests, ended=daemon.poll())


def _watch(daemon: "subprocess.Popen[bytes]", client: Client, *, minutes: float, every: float) -> list[Sample]:
    process, samples = psutil.Process(daemon.pid), list[Sample]()
    frames, cpu = _frames(client), _cpu(process)
    deadline, told = time.monotonic() + minutes * 60, time.monotonic()
    while time.monotonic() < deadline and daemon.poll() is None:
        time.sleep(every)
        try:
            frames_now, cpu_now = _frames(client), _cpu(process)
            samples.append(
                Sample(
                    process.memory_full_info().uss / 1e6,
                    process.num_fds(),
                    process.num_threads(),
                    1e3 * (cpu_now - cpu) / max(1.0, frames_now - frames),
                )
            )
        except (psutil.Error, URLError, ApiError, OSError) as error:
            print(f"no sample: {error}", flush=True)
            continue
        frames, cpu = frames_now, cpu_now
        if time.monotonic() - told > 60:
            told = time.monotonic()
            print(f"{(deadline - told) / 60:5.1f} min left: {_words(samples[-1])}; {frames:.0f} frames", flush=True)
    return samples


def _verdict(samples: Sequence[Sample], guests: Guests, *, ended: int | None) -> int:
    quarter = len(samples) // 4
    if ended is not None or quarter < 3:
        print(f"FAIL the daemon ended with status {ended}" if ended is not None else "FAIL too short for a verdict")
        return 1
    early, late = samples[quarter : 2 * quarter], samples[-quarter:]
    grown = False
    for field in fields(Sample):
        name = field.name
        before, after = (median(getattr(sample, name) for sample in part) for part in (early, late))
        limit = before * (1 + getattr(ALLOWED, name)) + getattr(SLACK, name)
        grown |= after > limit
        word = "FAIL" if after > limit else "ok  "
        print(f"{word} {name:<12} second quarter {before:9.2f}, last quarter {after:9.2f} (limit {limit:.2f})")
    print(f"{'ok  ' if guests.answered and not guests.failed else 'FAIL'} calls        {guests}")
    return int(grown or not guests.answered or bool(guests.failed))


def _close_up(portrait: Path) -> bytes:
    """The portrait's head as JPEG, as large as enrolment asks for."""
    head = cv2.resize(cv2.imread(str(portrait))[0:360, 80:380], None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", head)[1].tobytes()


def _words(sample: Sample) -> str:
    return (
        f"{sample.memory_mb:.1f} MB, {sample.descriptors:.0f} descriptors, {sample.threads:.0f} threads, "
        f"{sample.cpu_ms:.1f} ms of processor a frame"
    )


def _frames(client: Client) -> float:
    return float(next(line for line in client.metrics().splitlines() if line.startswith("auther_frames ")).split()[1])


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _configure(folder: Path, *, api: int, broker: int) -> Path:
    file = folder / "auther.toml"
    settings: Mapping[str, Mapping[str, object]] = {
        "device": {"id": "soak"},
        "camera": {"backend": "replay", "path": str(folder / "film.avi"), "realtime": False, "loop": True},
        "liveness": {"level": "convenience"},
        "policy": {"lockout_spoofs": 100},
        "mqtt": {"enabled": True, "host": "127.0.0.1", "port": broker},
        "api": {"port": api},
        "storage": {"folder": str(folder / "store")},
    }
    lines = [
        line
        for name, values in settings.items()
        for line in (f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()))
    ]
    file.write_text("\n".join([*lines, "[door.strike]", 'backend = "simulated"', ""]))
    return file


def _auther(config: Path, *words: str) -> str:
    command = [sys.executable, "-m", "daemon", "--config", str(config), *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"auther {' '.join(words)}: {done.stderr}")
    return done.stdout


@contextmanager
def _running(config: Path, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "daemon", "--config", str(config), "run"]
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as daemon:
        try:
            yield daemon
        finally:
            daemon.terminate()
            if daemon.wait(30) != 0:
                print(f"the daemon ended with status {daemon.returncode}:\n{log.read_text()[-4000:]}")


def _await_ready(daemon: "subprocess.Popen[bytes]", url: str, key: str, certificate: Path) -> Client:
    deadline = time.monotonic() + START_SECONDS
    while daemon.poll() is None and time.monotonic() < deadline:
        with suppress(URLError, OSError, ApiError):
            client = Client(url, key, ca_file=str(certificate), timeout=60)
            if _frames(client):
                return client
        time.sleep(0.2)
    raise SystemExit(f"the daemon did not see a frame within {START_SECONDS:g} s")


def _broker_by_turns(folder: Path, port: int, stop: threading.Event) -> None:
    program = find_mosquitto()
    if program is None:
        print("no mosquitto is installed: the broker is gone all the time")
        return
    while not stop.is_set():
        with running_broker(program, folder, port=port):
            stop.wait(120)
        stop.wait(30)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main(sys.argv[1:]))
