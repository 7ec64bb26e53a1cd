"""The show: films two portraits, enrols one of them, runs the daemon on the film and tells what happens."""

import json
import queue
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO

from demo_broker import find_mosquitto, running_broker, subscribed
from demo_film import SCENES, person_picture, shoot, stranger_picture
from demo_timeline import Timeline

# What is to be printed, in its order; None at the end.
Happenings = queue.Queue[Callable[[], None] | None]

PERSON_ID = "grace-hopper"
# How long the last events may take to the subscriber after the daemon has ended.
LAST_WORDS_SECONDS = 1.0

NOTICE = f"""\
Auther Embedded, demonstration. The camera is a film of two public-domain portraits that move:
  enrolled person: {person_picture().name} (Grace Hopper)   stranger: {stranger_picture().name} (Eileen Collins)
Liveness runs at level "convenience", the network alone: an animated still is no live face, and a level that asks
for blinks or a head's depth would rightly refuse the actors. Quality and policy are at their defaults.
"""


def main() -> int:
    """The whole show; 1 if the enrolled person was not let in or anybody else was."""
    print(NOTICE)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="auther-demo-")))
        happenings: Happenings = queue.Queue()
        timeline = Timeline()
        port = _broker(stack, folder, happenings, timeline)
        print("filming ...", flush=True)
        shoot(folder / "film.avi")
        config = _write_config(folder, port)
        _auther(config, "enroll", PERSON_ID, "--image", str(person_picture()))
        status = _run(config, happenings, timeline, log=folder / "daemon.log")
    return timeline.summary() or status


def _broker(stack: ExitStack, folder: Path, happenings: Happenings, timeline: Timeline) -> int | None:
    """A broker with a subscriber, if there is a mosquitto; its port."""
    program = find_mosquitto()
    if program is None:
        print("MQTT: mosquitto is not installed, so no broker hears the events (apt-get install mosquitto)")
        return None
    port = stack.enter_context(running_broker(program, folder))

    def heard(topic: str, payload: dict[str, object]) -> None:
        arrived = time.time()
        happenings.put(lambda: timeline.mqtt(topic, payload, arrived))

    stack.enter_context(subscribed(port, "auther/#", heard))
    print(f"MQTT: mosquitto on 127.0.0.1:{port}, with a subscriber to auther/#")
    return port


def _write_config(folder: Path, port: int | None) -> Path:
    file = folder / "auther.toml"
    broker = "" if port is None else f'[mqtt]\nenabled = true\nhost = "127.0.0.1"\nport = {port}\n'
    file.write_text(
        f'[device]\nid = "demo"\n[camera]\nbackend = "replay"\npath = {json.dumps(str(folder / "film.avi"))}\n'
        f'[liveness]\nlevel = "convenience"\n[door]\npulse_seconds = 2.0\n[door.strike]\nbackend = "simulated"\n'
        f"[storage]\nfolder = {json.dumps(str(folder / 'store'))}\n{broker}"
    )
    return file


def _command(config: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "daemon", "--config", str(config), *words]


def _auther(config: Path, *words: str) -> None:
    print(f"$ auther {shlex.join(words)}", flush=True)
    done = subprocess.run(_command(config, *words), check=False, capture_output=True)
    print(done.stdout.decode(), end="")
    if done.returncode != 0:
        raise SystemExit(f"{done.stderr.decode()}auther ended with status {done.returncode}")


def _run(config: Path, happenings: Happenings, timeline: Timeline, *, log: Path) -> int:
    """Run the daemon to the end of the film; gives its exit status."""
    print("$ auther run --json", flush=True)
    command = _command(config, "run", "--json")
    with log.open("w") as errors, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as daemon:
        assert daemon.stdout is not None
        reader = threading.Thread(target=_read, args=(daemon.stdout, happenings, timeline))
        reader.start()
        try:
            _narrate(happenings, timeline)
        finally:
            daemon.terminate()
            reader.join()
        status = daemon.wait()
    if status != 0:
        print(f"the daemon ended with status {status}:\n{log.read_text()}")
    return status


def _read(stdout: IO[bytes], happenings: Happenings, timeline: Timeline) -> None:
    for line in stdout:
        happenings.put(partial(timeline.daemon, json.loads(line)))
    time.sleep(LAST_WORDS_SECONDS)
    happenings.put(None)


def _narrate(happenings: Happenings, timeline: Timeline) -> None:
    """Print what happens, and each scene's title when it begins, until the daemon has ended."""
    coming = list(SCENES)
    while True:
        started = timeline.started
        due = None if started is None or not coming else started + coming[0].start - time.time()
        try:
            happening = happenings.get(timeout=None if due is None else max(0.0, due))
        except queue.Empty:
            timeline.scene(coming.pop(0))
            continue
        if happening is None:
            return
        happening()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
