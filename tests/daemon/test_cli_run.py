"""`auther run` as a real process on a replayed camera."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.daemon.terminal import ROOT, Terminal, events, grey, still

pytestmark = pytest.mark.alone  # what is seen and said in time: nothing else may have the processor


@pytest.fixture
def film(tmp_path: Path, grace_file: Path) -> Path:
    nobody = grey(tmp_path / "nobody.png", size=(512, 600))
    folder = still(tmp_path / "film", nobody, frames=2)
    still(folder, grace_file, frames=20)
    return still(folder, nobody, frames=2)


def test_replay_grants_once_and_ends_cleanly(tmp_path: Path, film: Path, grace_file: Path) -> None:
    terminal = Terminal(tmp_path, camera=film)
    assert terminal("enroll", "grace", "--image", str(grace_file)).exit_code == 0
    status, told, log = terminal.run()
    assert status == 0, log
    (access,) = [event for event in told if event["kind"] == "access"]
    assert (access["decision"], access["person_id"]) == ("granted", "grace")
    assert [event["lock"] for event in told if event["kind"] == "door"] == ["locked", "unlocked", "locked"]
    assert "INFO daemon.app: ready: 1 people enrolled" in log


def test_what_is_kept_of_a_granted_entry_when_configured(tmp_path: Path, film: Path, grace_file: Path) -> None:
    learning = "[learning]\nenabled = true\nmin_liveness = 0.0\n"
    terminal = Terminal(tmp_path, learning, camera=film)
    kept = '[storage]\nkeep_images = ["enrolment", "granted"]\n'
    terminal.config.write_text(terminal.config.read_text().replace("[storage]\n", kept))
    assert terminal("enroll", "grace", "--image", str(grace_file)).exit_code == 0
    status, told, log = terminal.run()
    assert status == 0, log
    (access,) = [event for event in told if event["kind"] == "access"]
    pictures = terminal.answer("images", "list")
    assert [(one["kind"], one["person_id"]) for one in pictures] == [("enrolment", "grace"), ("granted", "grace")]
    assert pictures[1]["event_id"] == access["event_id"]
    assert terminal.answer("people")[0]["templates"] == 2
    receipt = terminal.answer("remove", "grace")
    assert (receipt["templates"], receipt["images"]) == (2, 2)
    assert terminal.answer("images", "list") == []


def test_by_default_nothing_is_kept_of_an_entry(tmp_path: Path, film: Path, grace_file: Path) -> None:
    terminal = Terminal(tmp_path, camera=film)
    assert terminal("enroll", "grace", "--image", str(grace_file)).exit_code == 0
    assert terminal.run()[0] == 0
    assert terminal.answer("images", "list") == []
    assert terminal.answer("people")[0]["templates"] == 1


def test_log_level_holds(tmp_path: Path, film: Path) -> None:
    status, _, log = Terminal(tmp_path, '[log]\nlevel = "error"\n', camera=film).run()
    assert status == 0
    assert " INFO " not in log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_within_two_seconds(tmp_path: Path, film: Path, number: int) -> None:
    with Terminal(tmp_path, camera=film, loop=True).running() as process:
        next(events(process.stdout))
        process.send_signal(number)
        asked = time.monotonic()
        _, log = process.communicate(timeout=10)
    assert process.returncode == 0, log
    assert time.monotonic() - asked < 2.0
    assert "Traceback" not in log


def test_people_enrolled_and_removed_by_another_process_reach_it(tmp_path: Path, grace_file: Path) -> None:
    # Away long enough for the next appearance to be another track, there long enough for one to be denied.
    away = still(tmp_path / "film", grey(tmp_path / "nobody.png", size=(512, 600)), frames=20)
    terminal = Terminal(
        tmp_path, "[policy]\ncooldown_seconds = 0.1\n", camera=still(away, grace_file, frames=60), loop=True
    )
    with terminal.running() as process:
        told = events(process.stdout)
        next(told)
        assert terminal("enroll", "grace", "--image", str(grace_file)).exit_code == 0
        assert next(event for event in told if event.get("decision") == "granted")["person_id"] == "grace"
        assert terminal("remove", "grace").exit_code == 0
        assert next(event for event in told if event.get("decision") == "denied")["reason"] == "unknown"


def test_people_who_can_t_be_read_any_more_are_matched_as_they_were(
    tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTHER_MASTER_KEY", "11" * 32)
    terminal = Terminal(tmp_path, camera=film, loop=True)
    with terminal.running() as process:
        next(events(process.stdout))
        with monkeypatch.context() as elsewhere:
            elsewhere.setenv("AUTHER_MASTER_KEY_NEXT", "22" * 32)
            assert terminal("keys", "rotate-store").exit_code == 0
        assert process.stderr is not None
        for part in ("people", "access"):
            assert any(f"{part}: goes on as it was" in line for line in process.stderr)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=10)
    assert process.returncode == 0, log


def test_a_second_terminal_on_the_same_store_is_refused_until_the_first_is_gone(tmp_path: Path, film: Path) -> None:
    endless, once = Terminal(tmp_path, camera=film, loop=True), tmp_path / "once"
    once.mkdir()
    with endless.running() as process:
        next(events(process.stdout))
        second = Terminal(once, camera=film)
        second.config.write_text(second.config.read_text().replace(str(once / "store"), str(tmp_path / "store")))
        status, _, log = second.run()
        assert status == 3
        assert f"auther: {tmp_path / 'store'}: another terminal runs from this folder; stop it first" in log
        assert endless("people").exit_code == 0
        process.kill()
        process.wait()
        assert second.run()[0] == 0


def test_dead_thread_is_named(tmp_path: Path, film: Path) -> None:
    broken = tmp_path / "film" / "9999.png"
    broken.write_text("no picture")
    status, _, log = Terminal(tmp_path, camera=film).run()
    assert status == 1
    assert f"Error: the camera thread died: {broken}" in log
    assert "Traceback" not in log


def test_reader_that_goes_away_closes_no_door(tmp_path: Path, film: Path, grace_file: Path) -> None:
    terminal = Terminal(tmp_path, camera=film)
    terminal("enroll", "grace", "--image", str(grace_file))
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "daemon", "--config", str(terminal.config), "run", "--json"],
        cwd=ROOT,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(writing)
    assert done.returncode == 0, done.stderr
    assert "granted (granted) person=grace" in done.stderr
    assert done.stderr.count("nobody reads standard output") == 1
