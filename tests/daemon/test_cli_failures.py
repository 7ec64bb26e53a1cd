"""Everything that can be wrong is one clear line and its exit status, never a traceback."""

import inspect
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from daemon.cli import main
from daemon.cli.failures import FAILURES, STATUS, explain, status_of
from models.manifest import INSTALLED_WEIGHTS
from tests.daemon.terminal import Terminal, grey


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path, camera=grey(tmp_path / "nobody.png"))


def refused(result: Result, status: int, *words: str) -> None:
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == status, result.output
    assert "Traceback" not in result.output
    assert result.stderr.splitlines()[-1].startswith("auther: ") or status == 2
    for word in words:
        assert word in result.stderr


def test_missing_configuration(tmp_path: Path) -> None:
    refused(CliRunner().invoke(main, ["people", "--config", str(tmp_path / "x.toml")]), 2, "x.toml: no such file")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[dor]\n", "dor: unknown key"),
        ("[door]\npulse_seconds = 900.0\n", "door.pulse_seconds"),
        ('[door]\npulse_seconds = "long"\n', "door.pulse_seconds"),
        (
            '[camera]\nbackend = "webcan"\n',
            "camera.backend: must be one of 'webcam', 'picamera2', 'argus', 'gstreamer', 'replay'",
        ),
        ('[door.strike]\nbackend = "pigpio"\n', "door.strike.backend: must be one of"),
        ("[door\n", "not valid TOML"),
    ],
)
def test_wrong_configuration_names_the_key(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "auther.toml"
    file.write_text(text)
    for command in (["config", "check"], ["run"], ["people"]):
        refused(CliRunner().invoke(main, ["--config", str(file), *command]), 2, str(file), named)


def test_pictures_that_are_none(terminal: Terminal) -> None:
    refused(terminal("enroll", "ada", "--image", str(terminal.folder / "x.jpg")), 5, "x.jpg: can't be read")
    refused(terminal("enroll", "ada", "--image", str(terminal.config)), 5, "not a JPEG, PNG, WebP or BMP picture")
    refused(terminal("identify", str(terminal.config)), 5, "not a JPEG")
    refused(terminal("compare", str(terminal.config), str(terminal.config)), 5, "not a JPEG")


def test_pictures_of_nobody(terminal: Terminal) -> None:
    nobody = str(grey(terminal.folder / "nobody.png"))
    refused(terminal("enroll", "ada", "--image", nobody), 5, "auther: F_001: ", "nobody.png: no face found")
    refused(terminal("identify", nobody), 5, "F_001")
    refused(terminal("compare", nobody, nobody), 5, "F_001")


def test_ids(terminal: Terminal, grace_file: Path) -> None:
    refused(terminal("remove", "ada"), 4, "ada: nobody is enrolled under that id")
    refused(terminal("enroll", "ada", "--image", str(grace_file), "--replace"), 4, "nobody is enrolled")
    assert terminal("enroll", "ada", "--image", str(grace_file)).exit_code == 0
    refused(terminal("enroll", "ada", "--image", str(grace_file)), 6, "ada: is enrolled")
    refused(terminal("enroll", "grace", "--image", str(grace_file)), 5, "F_009", "enrolled as ada")
    refused(terminal("enroll", "a/b", "--image", str(grace_file)), 7, "expected 1 to 128")


def test_nobody_matches(terminal: Terminal, grace_file: Path, astronaut_file: Path) -> None:
    refused(terminal("identify", str(astronaut_file)), 4, "nobody is enrolled")
    assert terminal("enroll", "grace", "--image", str(grace_file)).exit_code == 0
    refused(terminal("identify", str(astronaut_file)), 4, "nobody matches")


@pytest.mark.parametrize(
    "words", [["enroll", "ada"], ["enroll", "--camera"], ["enroll", "--folder", ".", "ada"], ["x"]]
)
def test_wrong_calls(terminal: Terminal, words: list[str]) -> None:
    refused(terminal(*words), 2, "Error: ")


def test_loose_pictures_need_an_image_option(terminal: Terminal) -> None:
    refused(terminal("enroll", "ada", "one.jpg", "--camera"), 2, "choose one of")


@pytest.mark.parametrize("words", [["run"], ["enroll", "ada", "--camera"]])
def test_absent_recording(tmp_path: Path, words: list[str]) -> None:
    terminal = Terminal(tmp_path, f'[camera]\nbackend = "replay"\npath = "{tmp_path}/none.avi"\n')
    refused(terminal(*words), 9, "none.avi: no such file or folder")


def test_absent_camera(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, '[camera]\nbackend = "webcam"\nsource = 987\n')
    refused(terminal("enroll", "ada", "--camera"), 9, "/dev/video987: no such device")


def test_absent_line(tmp_path: Path) -> None:
    pytest.importorskip("gpiod")
    terminal = Terminal(tmp_path, '[door.strike]\nbackend = "gpiod"\nchip = "/dev/gpiochip987"\nline = 1\n')
    refused(terminal("run"), 9, "/dev/gpiochip987: no such GPIO chip")


@pytest.mark.parametrize("words", [["people"], ["remove", "ada"], ["run"], ["identify", "x.png"]])
def test_unusable_store(tmp_path: Path, words: list[str]) -> None:
    terminal = Terminal(tmp_path)
    (tmp_path / "store").write_text("not a folder")
    refused(terminal(*words), 3, str(tmp_path / "store"))


def test_damaged_weights(tmp_path: Path, grace_file: Path) -> None:
    weights = tmp_path / "weights"
    shutil.copytree(INSTALLED_WEIGHTS, weights)
    damaged = weights / "mobilefacenet_int8.tflite"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    terminal = Terminal(tmp_path, f'[vision]\nweights = "{weights}"\n')
    for words in (["run"], ["identify", str(grace_file)], ["models", "verify"]):
        refused(terminal(*words), 10, str(damaged), "SHA-256")
    damaged.unlink()
    refused(terminal("models", "verify"), 10, "can't be read")


def test_every_error_has_a_status() -> None:
    for kind in _family(*FAILURES):
        error = kind("F_001", "text") if "code" in inspect.signature(kind.__init__).parameters else kind("text")
        assert 1 <= status_of(error) <= 10
        assert "text" in explain(error)
    assert len(set(STATUS.values())) == 10


def _family(*kinds: type[Exception]) -> Iterator[type[Exception]]:
    for kind in kinds:
        yield kind
        yield from _family(*kind.__subclasses__())
