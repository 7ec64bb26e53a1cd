"""`auther setup`: the first configuration, by options and by questions."""

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from daemon.cli import main
from daemon.config.door import GpiodLine, LcusLine, SimulatedLine
from daemon.config.settings import load

NOTHING = ["--camera", "0", "--strike", "simulated", "--broker", ""]


def setup(path: Path, *words: str, answers: str | None = None) -> Result:
    return CliRunner().invoke(main, ["setup", "--config", str(path), *words], input=answers)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "etc" / "config.toml"


@pytest.fixture
def _somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.cli.setup.somebody_there", lambda: True)


def test_yes_asks_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "front door.example")
    result = setup(path, "--yes")
    assert result.exit_code == 0, result.output
    settings = load(path)
    assert settings.device.id == "front-door-example"
    assert isinstance(settings.door.strike, SimulatedLine)
    assert not settings.mqtt.enabled
    assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0


def test_options_are_the_answers(path: Path, tmp_path: Path) -> None:
    ca = tmp_path / "elsewhere.pem"
    ca.write_text("a certificate")
    words = ["--device-id", "gate", "--camera", "rtsp://cam/1", "--strike", "GPIO17", "--active-low"]
    words += ["--broker", "broker.example", "--broker-ca", str(ca), "--broker-user", "gate"]
    assert setup(path, "--yes", *words).exit_code == 0
    settings = load(path)
    assert settings.camera.source == "rtsp://cam/1"  # type: ignore[union-attr]
    assert isinstance(settings.door.strike, GpiodLine)
    assert (settings.door.strike.line, settings.door.strike.active_low) == ("GPIO17", True)
    assert (settings.mqtt.host, settings.mqtt.port, settings.mqtt.ca_file) == (
        "broker.example",
        8883,
        path.with_name("mqtt-ca.pem"),
    )
    assert path.with_name("mqtt-ca.pem").read_text() == "a certificate"


def test_what_the_daemon_needs_lies_beside_its_configuration(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ca.pem").write_text("a certificate")
    Path("secret").write_text("s3cret\nnot this\n")
    words = ["--broker", "broker.example", "--broker-ca", "ca.pem", "--broker-user", "gate"]
    relative = Path(os.path.relpath(path))
    assert setup(relative, "--yes", *words, "--broker-password-file", "secret").exit_code == 0
    settings = load(path)
    assert settings.mqtt.ca_file == path.with_name("mqtt-ca.pem")
    assert settings.mqtt.password_file == path.with_name("mqtt.password")
    assert path.with_name("mqtt.password").read_text() == "s3cret\n"


@pytest.mark.parametrize("option", ["--broker-ca", "--broker-password-file"])
def test_a_file_that_is_not_there_is_named(path: Path, option: str) -> None:
    result = setup(path, "--yes", "--broker", "localhost", option, "/absent.pem")
    assert result.exit_code == 2
    assert f"{option}: /absent.pem: can't be read: No such file or directory" in result.output
    assert not path.exists()


@pytest.mark.parametrize("camera", ["picamera2", "argus"])
def test_camera_at_the_board(path: Path, camera: str) -> None:
    assert setup(path, "--yes", "--camera", camera).exit_code == 0
    assert load(path).camera.backend == camera


def test_relay_board(path: Path) -> None:
    assert setup(path, "--yes", "--strike", "/dev/ttyUSB0", "--camera", "/dev/video2").exit_code == 0
    assert isinstance(load(path).door.strike, LcusLine)
    assert load(path).camera.source == "/dev/video2"  # type: ignore[union-attr]


@pytest.mark.usefixtures("_somebody")
def test_questions(path: Path) -> None:
    answers = ["two words", "gate", "", "17", "yes", "broker:1884", "", "yes", "gate", "s3cret"]
    result = setup(path, answers="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    assert "device.id" in result.output  # what was wrong with the first name
    settings = load(path)
    assert settings.device.id == "gate"
    assert isinstance(settings.door.strike, GpiodLine)
    assert (settings.door.strike.line, settings.door.strike.active_low) == (17, True)
    assert (settings.mqtt.host, settings.mqtt.port, settings.mqtt.allow_plaintext) == ("broker", 1884, True)
    password = path.with_name("mqtt.password")
    assert settings.mqtt.password_file == password
    assert password.read_text() == "s3cret\n"
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    assert "s3cret" not in result.output + path.read_text()


@pytest.mark.usefixtures("_somebody")
def test_a_certificate_that_is_not_there_is_asked_for_again(path: Path, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("a certificate")
    answers = f"broker\n/absent.pem\n{tmp_path / 'ca.pem'}\n\n"
    result = setup(path, "--device-id", "a", "--camera", "0", "--strike", "simulated", answers=answers)
    assert result.exit_code == 0, result.output
    assert "/absent.pem: can't be read" in result.output
    assert load(path).mqtt.ca_file == path.with_name("mqtt-ca.pem")


@pytest.mark.usefixtures("_somebody")
def test_who_does_not_want_plaintext_gets_no_file(path: Path) -> None:
    result = setup(path, "--device-id", "a", "--camera", "0", "--strike", "simulated", answers="broker\n\nno\n")
    assert result.exit_code == 2
    assert "--broker-ca" in result.output
    assert not path.exists()


def test_plaintext_needs_to_be_said(path: Path) -> None:
    refused = setup(path, "--yes", "--broker", "10.0.0.1")
    assert refused.exit_code == 2
    assert "--broker-plaintext" in refused.output
    assert setup(path, "--yes", "--broker", "10.0.0.1", "--broker-plaintext").exit_code == 0
    assert load(path).mqtt.allow_plaintext
    assert load(path).mqtt.port == 1883


def test_broker_on_this_machine_needs_no_word(path: Path) -> None:
    assert setup(path, "--yes", "--broker", "[::1]:1885").exit_code == 0
    assert (load(path).mqtt.host, load(path).mqtt.port) == ("::1", 1885)


def test_what_is_there_stays(path: Path) -> None:
    assert setup(path, "--yes", *NOTHING).exit_code == 0
    before = path.read_text()
    again = setup(path, "--yes", "--device-id", "other")
    assert again.exit_code == 2
    assert "there is a configuration already" in again.output
    assert path.read_text() == before


def test_a_wrong_option_is_named(path: Path) -> None:
    wrong = setup(path, "--yes", "--device-id", "a b")
    assert wrong.exit_code == 2
    assert "--device-id" in wrong.output
    assert not path.exists()


def test_nobody_is_there(path: Path) -> None:
    result = setup(path)
    assert result.exit_code == 2
    assert "--yes" in result.output


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = setup(tmp_path / "file" / "config.toml", "--yes")
    assert result.exit_code == 2
    assert "can't be written" in result.output
