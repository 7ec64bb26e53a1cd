"""The units on a real systemd: start, hang, crash, stop, hardening, backup. The relay is a serial port held out here.

The strike is released by a schedule all day, so that each way down and up shows in what the relay was told.
"""

import json
import os
import pty
import re
import shutil
import subprocess
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import closing
from itertools import dropwhile

import cv2
import numpy as np
import pytest

from hw import lcus
from tests.systemd.machine import OPT, ROOT, UNIT, Machine, booted

CONFIGURATION = """
[camera]
backend = "replay"
path = "/etc/auther-embedded/film"
loop = true
fps = 10.0
[door]
unlock_schedule = "always"
[door.strike]
backend = "lcus"
port = "/dev/ttyUSB0"
[rules.schedules.always]
windows = ["daily 00:00-24:00"]
[storage]
folder = "/var/lib/auther-embedded"
"""
# The shipped times, made short; what they lead to is the same.
SHORT = "[Unit]\nStartLimitBurst=3\n[Service]\nWatchdogSec=5\nTimeoutAbortSec=2\nRestartSec=1\n"
WATCHDOG, START = 5.0, 90.0
HANG = "/var/lib/auther-embedded/hang"


pytestmark = [pytest.mark.needs_root, pytest.mark.skipif(os.geteuid() != 0, reason="needs root")]


class Relay:
    """A board of relays on a serial port: remembers how it was switched, whoever is gone by then."""

    def __init__(self) -> None:
        self._board, self._wire = pty.openpty()
        tty.setraw(self._wire)
        self.port = os.ttyname(self._wire)
        self._heard = bytearray()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def switched(self) -> list[bool]:
        """Released (True) or locked, each time that it was told."""
        heard = bytes(self._heard)
        return [lcus.parse(heard[at : at + 4])[1] for at in range(0, len(heard) // 4 * 4, 4)]

    def close(self) -> None:
        os.close(self._wire)

    def _listen(self) -> None:
        while True:
            try:
                data = os.read(self._board, 1024)
            except OSError:
                return
            self._heard += data


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    with closing(Relay()) as relay:
        yield relay


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, relay: Relay) -> Iterator[Machine]:
    if shutil.which("systemd-nspawn") is None:
        # CI installs it: `needs_root` must not let it be missing there.
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("needs systemd-nspawn: apt-get install systemd-container")
    folder = tmp_path_factory.mktemp("machine")
    film = folder / "etc" / "film"
    film.mkdir(parents=True)
    cv2.imwrite(str(film / "0.png"), np.full((240, 320, 3), 90, np.uint8))
    (folder / "etc" / "config.toml").write_text(CONFIGURATION)
    with booted(folder, f"--bind={relay.port}:/dev/ttyUSB0") as machine:
        # As the udev rules do: the group must count under PrivateUsers= too.
        machine.run("sh", "-c", "chgrp dialout /dev/ttyUSB0; chmod 0660 /dev/ttyUSB0")
        yield machine


def overridden(machine: Machine, text: str) -> None:
    """As `systemctl edit` does."""
    (machine.folder / "units" / f"{UNIT}.d" / "test.conf").write_text(text)
    machine.run("systemctl", "daemon-reload")


@pytest.fixture
def running(machine: Machine, relay: Relay) -> Machine:
    """The terminal is active, and the door released by its schedule."""
    (machine.folder / "etc" / "config.toml").write_text(CONFIGURATION)
    overridden(machine, SHORT)
    machine.run("systemctl", "reset-failed", UNIT, check=False)
    machine.run("systemctl", "start", UNIT)
    machine.wait(lambda: relay.switched[-1:] == [True], "release by the schedule")
    return machine


def test_systemd_has_nothing_to_say_about_the_units(machine: Machine) -> None:
    names = sorted(unit.name for unit in ROOT.glob("systemd/*.[st]*er*") if unit.suffix in {".service", ".timer"})
    assert UNIT in names
    done = subprocess.run(
        ["nsenter", "-t", str(machine.leader), "-a", "systemd-analyze", "verify", *names],
        capture_output=True,
        text=True,
        check=False,
    )
    # It leaves with 0 on a key that it does not know.
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_is_active_only_once_it_is_ready(machine: Machine, relay: Relay) -> None:
    overridden(machine, "")
    machine.run("systemctl", "start", "--no-block", UNIT)
    machine.wait(lambda: machine.show("ActiveState") == "activating", "start")
    machine.wait(lambda: machine.show("StatusText") != "", "word of the start")
    told = machine.show("StatusText")
    state = machine.show("ActiveState")
    assert state == "activating" or "frames/s" in told, (state, told)
    machine.wait_for_state("active", seconds=START)
    assert relay.switched[0] is False, "the strike is locked before anything else"
    assert machine.show("WatchdogUSec") == "15s"
    said = re.compile(r"door unlocked; 0 people enrolled; \d+ frames/s")
    machine.wait(lambda: said.fullmatch(machine.show("StatusText")) is not None, "status")


def test_what_it_logs_has_fields(running: Machine) -> None:
    line = running.run("journalctl", "--no-pager", "-u", UNIT, "-o", "json", "AUTHER_EVENT=unlocked", "-n1")
    assert '"LOGGER":"daemon.events.log"' in line
    assert '"_TRANSPORT":"journal"' in line
    assert '"PRIORITY":"6"' in line


def test_a_new_configuration_is_taken_up_by_reload_and_a_wrong_one_is_not(running: Machine) -> None:
    before = running.show("MainPID")
    file = running.folder / "etc" / "config.toml"
    file.write_text(CONFIGURATION + "nonsense = 1\n")
    running.run("systemctl", "reload", UNIT)
    running.wait(lambda: "not started anew" in running.journal() and "nonsense" in running.journal(), "refusal")
    file.write_text(CONFIGURATION + '[log]\nlevel = "debug"\n')
    running.run("systemctl", "reload", UNIT)
    running.wait(lambda: "starting anew with the configuration as it is now" in running.journal(), "new start")
    running.wait_for_state("active")
    running.wait(lambda: "frames/s" in running.show("StatusText"), "frames")
    assert running.show("MainPID") == before


def test_an_operator_sees_what_happens_changes_what_is_logged_and_packs_it_up(running: Machine) -> None:
    assert "event unlocked schedule" in auther(running, "events")
    auther(running, "log-level", "debug", "--logger", "daemon.door")
    running.wait(lambda: "levels of the log: daemon.door: debug" in running.journal(), "the new level")
    auther(running, "log-level", "--reset")
    auther(running, "support-bundle", "/var/tmp/bundle.tar.gz")
    read = ("tar", "--extract", "--to-stdout", "--gzip", "--file", "/var/tmp/bundle.tar.gz", "--wildcards")
    assert json.loads(running.run(*read, "*/health.json"))["status"] == "ready"
    assert "levels of the log: daemon.door: debug" in running.run(*read, "*/journal.txt")
    assert "Active: active (running)" in running.run(*read, "*/service.txt")
    secret = running.run("cat", "/var/lib/auther-embedded/master.key").strip()
    assert secret not in running.run(*read, "*")


def auther(machine: Machine, *words: str) -> str:
    """The command, by root."""
    return machine.run(f"{OPT}/current/bin/auther", "--config", "/etc/auther-embedded/config.toml", *words)


@pytest.mark.parametrize("what", ["vision", "main"])
def test_a_thread_that_hangs_is_aborted_with_the_strike_locked_and_started_anew(
    running: Machine, relay: Relay, what: str
) -> None:
    before, heard = running.show("MainPID"), len(relay.switched)
    running.run("sh", "-c", f"echo {what} > {HANG}.new; chmod 644 {HANG}.new; mv {HANG}.new {HANG}")
    running.wait(lambda: False in relay.switched[heard:], "locking", seconds=WATCHDOG + 30)
    running.wait(lambda: running.show("MainPID") not in {"0", before}, "new start")
    running.wait_for_state("active", seconds=START)
    log = running.journal()
    assert "Watchdog timeout" in log
    assert "ended by signal 6; the strike is locked" in log
    assert "code=killed, status=6/ABRT" in log
    # Locked by the old process, locked by the new one, and only then released by the schedule.
    running.wait(lambda: relay.switched[-1:] == [True], "release by the schedule")
    assert list(dropwhile(bool, relay.switched[heard:]))[:2] == [False, False]


def test_who_keeps_the_interpreter_to_itself_is_killed_and_the_strike_locked_at_the_start(
    running: Machine, relay: Relay
) -> None:
    before, heard = running.show("MainPID"), len(relay.switched)
    running.run("sh", "-c", f"echo everything > {HANG}.new; chmod 644 {HANG}.new; mv {HANG}.new {HANG}")
    running.wait(lambda: running.show("MainPID") not in {"0", before}, "new start")
    running.wait_for_state("active", seconds=START)
    assert "code=killed, status=9/KILL" in running.journal()
    assert False in relay.switched[heard:]


def test_sigterm_ends_it_within_two_seconds_with_the_strike_locked(running: Machine, relay: Relay) -> None:
    began = time.monotonic()
    running.run("systemctl", "stop", UNIT)
    took = time.monotonic() - began
    assert relay.switched[-1] is False
    assert (running.show("ActiveState"), running.show("Result")) == ("inactive", "success")
    assert running.show("ExecMainStatus") == "0"
    assert took < 2.0 + _late(), f"{took:.2f} s"


def test_a_relay_that_is_away_ends_a_limited_number_of_starts_with_its_reason(machine: Machine) -> None:
    (machine.folder / "etc" / "config.toml").write_text(CONFIGURATION.replace("ttyUSB0", "ttyUSB9"))
    overridden(machine, SHORT)
    machine.run("systemctl", "stop", UNIT)
    machine.run("systemctl", "reset-failed", UNIT, check=False)
    machine.run("systemctl", "start", UNIT, check=False)
    machine.wait(lambda: machine.show("SubState") == "failed", "end of the starts", seconds=START)
    assert machine.show("NRestarts") == "3"
    status = machine.run("systemctl", "status", "--no-pager", UNIT, check=False)
    assert re.search(r'Status: "failed: /dev/ttyUSB9.*"', status), status


def test_a_wrong_configuration_is_tried_once_and_named(machine: Machine) -> None:
    (machine.folder / "etc" / "config.toml").write_text("[door]\npulse_secs = 3\n")
    machine.run("systemctl", "reset-failed", UNIT, check=False)
    machine.run("systemctl", "start", UNIT, check=False)
    machine.wait(lambda: machine.show("SubState") == "failed", "failure", seconds=START)
    assert (machine.show("NRestarts"), machine.show("ExecMainStatus")) == ("0", "2")
    status = machine.run("systemctl", "status", "--no-pager", UNIT, check=False)
    assert "config.toml: 1 thing(s) to mend" in status
    assert "door.pulse_secs: unknown key" in status


def test_the_hardening_holds(running: Machine) -> None:
    lines = (ROOT / "systemd" / UNIT).read_text().splitlines()
    kept = [line for line in lines if not line.startswith(("Type", "NotifyAccess", "Exec", "Watchdog", "Restart"))]
    probe = f"/bin/sh -c 'LD_LIBRARY_PATH={OPT}/python/lib exec {OPT}/current/bin/python {OPT}/hooks/probe.py'"
    kept.insert(kept.index("[Service]") + 1, f"Type=oneshot\nExecStart={probe}")
    (running.folder / "units" / "probe.service").write_text("\n".join(kept))
    running.run("systemctl", "daemon-reload")
    running.run("systemctl", "start", "probe.service")
    told = running.run("journalctl", "-u", "probe.service", "-o", "cat", "--no-pager")
    assert json.loads(next(line for line in told.splitlines() if line.startswith("{"))) == {
        "write /etc": "EROFS",
        "write /usr": "EROFS",
        "write configuration": "done",
        "write state": "done",
        "list /home": "EACCES",
        "list /root": "EACCES",
        "mount": "EPERM",
        "namespace": "EPERM",
        "raw packets": "EAFNOSUPPORT",
        "executable memory": "EPERM",
        "make a device": "EPERM",
        "schedule": "done",
        "processes of others": [],
        "status": {"CapEff": "0" * 16, "CapBnd": "0" * 16, "NoNewPrivs": "1", "Seccomp": "2"},
    }


def test_the_door_runs_before_all_others(running: Machine) -> None:
    assert running.show("LimitRTPRIO") == "10"
    process = running.show("MainPID")
    policies = [_policy(running, process, thread) for thread in running.run("ls", f"/proc/{process}/task").split()]
    limit = running.run("sh", "-c", f"grep 'realtime priority' /proc/{process}/limits").split()[3]
    if limit == "10":
        assert policies.count("SCHED_FIFO 10") == 1
    else:
        # A host without CAP_SYS_RESOURCE lets nobody raise the limit, not even systemd; the rest must not forbid it.
        assert "the door's thread has no priority" in running.journal()
        filters = [line for line in (ROOT / "systemd" / UNIT).read_text().splitlines() if line.startswith("SystemCall")]
        options = [word for line in filters for word in ("--property", line)]
        running.run("systemd-run", "--wait", "--quiet", *options, "chrt", "--fifo", "10", "true")


def _policy(machine: Machine, process: str, thread: str) -> str:
    fields = machine.run("cat", f"/proc/{process}/task/{thread}/stat").rsplit(")", 1)[1].split()
    return f"{'SCHED_FIFO' if fields[38] == '1' else 'SCHED_OTHER'} {fields[37]}"


def test_the_nightly_backup(running: Machine) -> None:
    unit, timer = "auther-embedded-backup.service", "auther-embedded-backup.timer"
    running.run("systemctl", "start", timer)
    assert running.show("ActiveState", timer) == "active"
    assert running.show("NextElapseUSecRealtime", timer) != ""
    running.run("systemctl", "start", unit, check=False)
    assert running.show("Result", unit) == "exit-code"
    assert "/etc/credstore/auther-backup-passphrase" in running.run("journalctl", "-u", unit, "-o", "cat", "--no-pager")
    assert running.show("ActiveState") == "active", "the door does not care"
    secret = running.folder / "credstore" / "auther-backup-passphrase"
    secret.write_text("correct horse battery staple\n")
    secret.chmod(0o600)
    (running.folder / "units" / f"{unit}.d" / "keep.conf").write_text("[Service]\nEnvironment=AUTHER_KEEP=1\n")
    running.run("systemctl", "daemon-reload")
    for _ in range(2):
        running.run("systemctl", "start", unit)
    listing = running.run("ls", "-l", "/var/lib/auther-embedded/backups").splitlines()[1:]
    assert len(listing) == 1
    assert re.match(r"-rw------- 1 auther auther +\d+ .* people-\d{8}T\d{6}Z\.backup$", listing[0]), listing


def _late() -> float:
    """How late a thread may come to its turn on this machine now, seconds: SIGTERM's two are the terminal's own."""
    return float(os.getloadavg()[0] / (os.cpu_count() or 1) / 4)
