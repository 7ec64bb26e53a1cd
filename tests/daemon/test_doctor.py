"""What the doctor says of terminals that are well and of those that are not."""

import json
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from daemon.api.application import enveloped
from daemon.api.server import ApiServer
from daemon.cli import main
from daemon.config.door import Door, GpiodInput, GpiodLine, LcusLine
from daemon.config.settings import Api, Settings, parse
from daemon.doctor import Finding, Level, examine
from daemon.doctor.api import look_at_api
from daemon.doctor.camera import look_at_camera
from daemon.doctor.host import RELEASED, look_at_clock, look_at_groups, look_at_load, look_at_temperature
from daemon.doctor.lines import look_at_lines
from daemon.doctor.screen import look_at_screen
from daemon.doctor.storage import look_at_storage
from daemon.errors import StoreError
from daemon.heat import RASPBERRY
from hw.camera import Frame
from hw.errors import CameraError
from hw.gpiod_survey import LineState
from hw.simulated import SimulatedCamera
from models.manifest import INSTALLED_WEIGHTS
from tests.daemon.mosquitto import running
from tests.daemon.terminal import Terminal, grey
from tests.ports import free_port


def only(findings: Iterator[Finding]) -> Finding:
    (finding,) = findings
    return finding


def by_check(findings: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    return {finding["check"]: finding for finding in findings}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return parse({"storage": {"folder": str(tmp_path / "store")}}, source="test")


def test_whole_examination(tmp_path: Path, grace_file: Path) -> None:
    film = tmp_path / "film"
    film.mkdir()
    grey(film / "1.png")
    terminal = Terminal(tmp_path, camera=film)
    assert terminal("enroll", "grace", "--image", str(grace_file)).exit_code == 0
    result = terminal("doctor", "--json")
    found = by_check(json.loads(result.stdout))
    assert result.exit_code == 0, result.output
    assert {name for name, finding in found.items() if finding["level"] == "ok"} >= {
        "configuration",
        "broker",
        "weights",
        "runtime",
        "storage",
        "space",
        "store",
    }
    assert "a recording of 320×240 plays" in found["camera"]["text"]
    assert found["store"]["text"] == "opens; 1 people enrolled"
    words = terminal("doctor").stdout
    assert "ok       weights: 4 networks" in words
    assert "→ for a real one set door.strike.backend" in words


def test_problems_end_with_one_and_do_not_end_the_examination(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    shutil.copytree(INSTALLED_WEIGHTS, weights)
    (weights / "face_mesh.tflite").write_bytes(b"x")
    terminal = Terminal(
        tmp_path,
        f'[vision]\nweights = "{weights}"\n[mqtt]\nenabled = true\nhost = "127.0.0.1"\nport = {free_port()}\n',
        camera=tmp_path / "none.avi",
    )
    result = terminal("doctor", "--json")
    found = by_check(json.loads(result.stdout))
    assert result.exit_code == 1
    assert {name for name, finding in found.items() if finding["level"] == "problem"} == {
        "camera",
        "broker",
        "weights",
        "storage",
    }
    assert "refused" in found["broker"]["text"]


def test_wrong_configuration_is_a_problem_and_no_defaults_are_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "auther.toml"
    file.write_text("[dor]\n")
    result = CliRunner().invoke(main, ["--config", str(file), "doctor", "--json"])
    found = by_check(json.loads(result.stdout))
    assert result.exit_code == 1
    assert "dor: unknown key" in found["configuration"]["text"]
    assert "camera" not in found


def test_no_configuration_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.doctor.examination._looks", lambda _settings: ())
    assert only(examine(None)).level is Level.WARNING


def test_look_that_fails_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable() -> Iterator[Finding]:
        raise PermissionError(13, "Permission denied", "/etc/secret")

    monkeypatch.setattr("daemon.doctor.examination._looks", lambda _settings: [("storage", unreadable)])
    assert list(examine(None))[1].text == "can't be looked at: [Errno 13] Permission denied: '/etc/secret'"


def test_broker_that_accepts_and_one_that_knows_no_such_account(tmp_path: Path) -> None:
    with running(tmp_path) as broker:
        sections = f'[mqtt]\nenabled = true\nhost = "127.0.0.1"\nport = {broker.port}\n'
        found = by_check(json.loads(Terminal(tmp_path, sections)("doctor", "--json").stdout))
    assert found["broker"]["level"] == "ok"
    assert "without TLS, without an account" in found["broker"]["text"]
    passwords = tmp_path / "passwords"
    passwords.write_text("")
    with running(tmp_path, f"password_file {passwords}", anonymous=False) as broker:
        sections = f'[mqtt]\nenabled = true\nhost = "127.0.0.1"\nport = {broker.port}\n'
        found = by_check(json.loads(Terminal(tmp_path, sections)("doctor", "--json").stdout))
    assert found["broker"]["level"] == "problem"


class SteadyCamera:
    """Delivers its frames 1/`fps` s apart by a clock that passes only when a frame is read."""

    lossless = False

    def __init__(self, *, fps: float, frames: int, brightness: int = 128) -> None:
        self.now = 0.0
        self._interval = 1 / fps
        self._camera = SimulatedCamera(images=[np.full((480, 640, 3), brightness, np.uint8)] * frames)

    def read(self) -> Frame:
        self.now += self._interval
        return self._camera.read()

    def close(self) -> None:
        self._camera.close()


@pytest.mark.parametrize(
    ("camera", "level", "words"),
    [
        (SteadyCamera(fps=20, frames=40), Level.OK, "640×480, 20 frames/s"),
        (SteadyCamera(fps=4, frames=40), Level.WARNING, "only 4 frames/s"),
        (SteadyCamera(fps=20, frames=1), Level.PROBLEM, "one frame came"),
    ],
)
def test_frames_are_counted_for_a_second(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, camera: SteadyCamera, level: Level, words: str
) -> None:
    monkeypatch.setattr("daemon.doctor.camera.open_camera", lambda _settings: camera)
    finding = only(look_at_camera(settings, clock=lambda: camera.now))
    assert finding.level is level
    assert words in finding.text


def test_black_picture_is_a_warning(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    camera = SteadyCamera(fps=20, frames=40, brightness=0)
    monkeypatch.setattr("daemon.doctor.camera.open_camera", lambda _settings: camera)
    assert [finding.level for finding in look_at_camera(settings, clock=lambda: camera.now)][1] is Level.WARNING


def test_absent_camera_is_its_own_error(settings: Settings) -> None:
    absent = settings.model_copy(update={"camera": settings.camera.model_copy(update={"source": 987})})
    with pytest.raises(CameraError, match="/dev/video987"):
        list(look_at_camera(absent))


def test_simulated_strike_opens_no_door() -> None:
    assert only(look_at_lines(Door())).level is Level.WARNING


def test_gpio_lines_are_looked_at_and_not_requested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chip = str(tmp_path / "gpiochip0")
    strike = GpiodLine(backend="gpiod", chip=chip, line="GPIO17")
    absent = list(look_at_lines(Door(strike=strike), devices=tmp_path))
    assert [finding.level for finding in absent] == [Level.PROBLEM, Level.PROBLEM]
    assert "no GPIO chip" in absent[0].text
    assert f"strike: {chip}: no such GPIO chip" in absent[1].text
    (tmp_path / "gpiochip0").touch()
    door = Door(strike=strike, contact=GpiodInput(backend="gpiod", chip=chip, line="GPIO22"))
    for holder, level in ((None, Level.OK), ("auther", Level.OK), ("spi0 CS1", Level.PROBLEM)):
        state = LineState("GPIO17", 17, holder)
        monkeypatch.setattr("hw.gpiod_survey.line_state", lambda *, chip, line, state=state: state)
        found = list(look_at_lines(door, devices=tmp_path))
        assert [finding.level for finding in found] == [level, level]
        assert found[0].text.startswith(f"strike: {chip} line 17 (GPIO17)")
        assert found[1].text.startswith("contact: ")


def test_relay_board(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    door = Door(strike=LcusLine(backend="lcus", port=str(port)))
    assert "no such port" in only(look_at_lines(door)).text
    port.touch()
    assert only(look_at_lines(door)).level is Level.OK


def test_storage(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = settings.storage.folder
    assert "no such folder" in only(look_at_storage(settings)).text
    folder.mkdir(mode=0o755)
    found = list(look_at_storage(settings))
    assert [finding.level for finding in found] == [Level.WARNING, Level.OK, Level.WARNING]
    assert found[0].advice == f"chmod 700 {folder}"
    assert list(folder.iterdir()) == []
    folder.chmod(0o700)
    usage = shutil.disk_usage(folder)._replace(free=1000)
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: usage)
    assert [finding.level for finding in look_at_storage(settings)][:2] == [Level.OK, Level.PROBLEM]
    (folder / "people.db").write_text("no database, but long enough to be taken for one " * 100)
    with pytest.raises(StoreError, match=r"people\.db"):
        list(look_at_storage(settings))


def test_groups(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    monkeypatch.setattr(os, "getgroups", lambda: [4_000_000])
    missing = only(look_at_groups(settings))
    assert missing.level is Level.PROBLEM
    assert "sudo usermod -aG video" in (missing.advice or "")
    monkeypatch.setattr("daemon.doctor.host._group_name", lambda _number: "video")
    assert only(look_at_groups(settings)).level is Level.OK
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert only(look_at_groups(settings)).level is Level.WARNING


def test_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "timedatectl"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert only(look_at_clock(now=lambda: 0.0)).level is Level.PROBLEM
    for answer, level in (("yes", Level.OK), ("no", Level.WARNING)):
        program.write_text(f"#!/bin/sh\necho {answer}\n")
        program.chmod(0o755)
        assert only(look_at_clock(now=lambda: RELEASED + 1)).level is level
    program.write_text("#!/bin/sh\nexit 1\n")
    assert "can't be told" in only(look_at_clock(now=lambda: RELEASED + 1)).text


@pytest.mark.parametrize(
    ("millidegrees", "level"),
    [("45000", Level.OK), ("72000", Level.WARNING), ("81000", Level.PROBLEM), ("?", Level.OK)],
)
def test_temperature(tmp_path: Path, millidegrees: str, level: Level) -> None:
    zone = tmp_path / "sys/class/thermal/thermal_zone0"
    zone.mkdir(parents=True)
    (zone / "temp").write_text(millidegrees)
    assert only(look_at_temperature(root=tmp_path)).level is level


def test_a_board_that_is_slowed_down_says_why(tmp_path: Path) -> None:
    file = tmp_path / RASPBERRY
    file.parent.mkdir(parents=True)
    file.write_text("50005\n")
    finding = only(look_at_temperature(root=tmp_path))
    assert finding.level is Level.PROBLEM
    assert "the supply's voltage is too low; throttled" in finding.text


def test_load() -> None:
    assert only(look_at_load(load=lambda: (0.0, 0.0, 0.0))).level is Level.OK
    assert only(look_at_load(load=lambda: (999.0, 0.0, 0.0))).level is Level.WARNING


def test_a_port_of_another_program_is_a_problem_and_a_terminal_s_own_is_none(tmp_path: Path) -> None:
    def found(port: int) -> list[tuple[str, Level, bool]]:
        storage = {"storage": {"folder": str(tmp_path)}, "console": {"enabled": False}}
        findings = [
            *look_at_api(parse({**storage, "api": {"port": port, "tls": False}}, source="test")),
            *look_at_screen(parse({"screen": {"enabled": True, "port": port}}, source="test")),
        ]
        named = f"another program has port {port} "
        return [(one.check, one.level, named in one.text) for one in findings if one.check != "console"]

    fine = [("api", Level.OK, False), ("screen", Level.OK, False)]
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]
        thread = threading.Thread(target=answer_nonsense, args=(stranger, 2))
        thread.start()
        assert found(port) == [("api", Level.PROBLEM, True), ("screen", Level.PROBLEM, True)]
        thread.join()
    assert found(port) == fine
    build = lambda: nullcontext(enveloped([], observe=lambda *_: None))  # noqa: E731
    with closing(ApiServer(settings=Api(port=0, tls=False), folder=tmp_path, build=build)) as server:
        server.start()
        own = server.wait(30)
        assert own is not None
        assert found(own) == fine


def answer_nonsense(listener: socket.socket, times: int) -> None:
    for _ in range(times):
        with listener.accept()[0] as connection:
            connection.recv(65_536)
            connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


def test_an_address_that_is_not_this_machine_s_is_a_problem(tmp_path: Path) -> None:
    sections = {"storage": {"folder": str(tmp_path)}, "api": {"host": "192.0.2.1"}}
    *_, finding = look_at_api(parse(sections, source="test"))
    assert finding.level is Level.PROBLEM
    assert "see api.host" in finding.text


@pytest.mark.parametrize(
    ("sections", "level", "told"),
    [
        ({}, "ok", "screen.enabled"),
        ({"screen": {"enabled": True}}, "ok", "http://127.0.0.1:8480/screen"),
        ({"screen": {"enabled": True, "port": 0}}, "ok", "--may screen"),
        ({"screen": {"enabled": True, "port": 0}, "api": {"enabled": False}}, "warning", "nowhere"),
    ],
)
def test_where_the_screen_is(sections: dict[str, object], level: str, told: str) -> None:
    finding = only(look_at_screen(parse(sections, source="test")))
    assert finding.level.value == level
    assert told in finding.text
