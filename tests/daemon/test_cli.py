"""The commands that are no failure, in this process."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from daemon.cli import main
from daemon.cli.root import COMMANDS
from daemon.config.settings import Settings, load, parse
from daemon.config.toml_file import to_toml
from tests.daemon.terminal import Terminal

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_every_command_explains_itself() -> None:
    for command in COMMANDS:
        result = CliRunner().invoke(main, [command.name or "", "--help"])
        assert result.exit_code == 0
        assert command.help


def test_people_come_and_go(terminal: Terminal, grace_file: Path) -> None:
    assert "nobody is enrolled" in terminal("people").output
    assert terminal.answer("people") == []
    assert terminal("enroll", "grace", "--image", str(grace_file)).stdout == "grace: enrolled with 1 template(s)\n"
    assert terminal("people").output.startswith("grace  enrolled 20")
    (person,) = terminal.answer("people")
    assert (person["person_id"], person["templates"], person["stale"]) == ("grace", 1, False)
    assert terminal("remove", "grace").stdout == "grace: removed, 1 template(s) erased\n"
    assert terminal.answer("people") == []


def test_removal_gives_a_receipt(terminal: Terminal, grace_file: Path) -> None:
    terminal("enroll", "grace", "--image", str(grace_file))
    receipt = terminal.answer("remove", "grace")
    assert receipt["complete"] is True
    assert "grace" not in json.dumps(receipt)


def test_people_of_another_network_are_to_be_enrolled_again(
    terminal: Terminal, grace_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal("enroll", "grace", "--image", str(grace_file))
    monkeypatch.setattr("daemon.storage.store.Store.stale", lambda store, _model: store.people())
    assert "enrol again" in terminal("people").output


def test_identify_and_compare(terminal: Terminal, grace_file: Path, astronaut_file: Path) -> None:
    terminal("enroll", "grace", "--image", str(grace_file))
    assert terminal("identify", str(grace_file)).stdout.startswith("grace: 100.0 % similar")
    assert terminal.answer("identify", str(grace_file))["person_id"] == "grace"
    assert terminal("compare", str(grace_file), str(grace_file)).stdout.startswith("100.0 % similar")
    assert terminal.answer("compare", str(grace_file), str(astronaut_file))["similarity"] < 50


def test_nobody_is_an_answer_and_a_status(terminal: Terminal, astronaut_file: Path) -> None:
    result = terminal("identify", str(astronaut_file), "--json")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["person_id"] is None


def test_models(terminal: Terminal) -> None:
    assert "mobilefacenet" in terminal("models", "list").stdout
    assert {"id", "sha256", "licence"} <= terminal.answer("models", "list")[0].keys()
    verified = terminal("models", "verify")
    assert verified.exit_code == 0
    assert verified.stdout.count("as the manifest says") == 4


def test_config(terminal: Terminal) -> None:
    assert terminal("config", "check").stdout == f"{terminal.config}: right\n"
    absent = terminal.folder / "absent.pem"
    terminal.config.write_text(f'{terminal.config.read_text()}\n[mqtt]\nenabled = true\nca_file = "{absent}"\n')
    refused = terminal("config", "check")
    assert (refused.exit_code, str(absent) in refused.stderr) == (2, True)
    shown = terminal("config", "show").stdout
    assert parse(tomllib.loads(shown), source="shown") == load(terminal.config)
    assert terminal.answer("config", "show")["liveness"]["level"] == "convenience"


def test_usual_configuration_is_found(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.cli.options.DEFAULT_PATH", terminal.config)
    assert str(terminal.folder) in CliRunner().invoke(main, ["config", "show"]).stdout


def test_no_configuration_is_all_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.cli.options.DEFAULT_PATH", tmp_path / "none.toml")
    assert CliRunner().invoke(main, ["config", "show"]).stdout == to_toml(Settings())
    assert CliRunner().invoke(main, ["config", "check"]).exit_code == 2


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"camera": {"backend": "replay", "path": 'a "quoted" \\ path\x7f\t', "loop": True}},
        {"door": {"strike": {"backend": "gpiod", "line": "GPIO17"}, "pulse_seconds": 0.5}},
        {"mqtt": {"commands": ["unlock", "health"], "username": "türsteher", "enabled": True}},
        {"policy": {"fpir": 0.000001}},
        {"door": {"contact": {"backend": "gpiod", "line": 22}}},
        {
            "rules": {
                "schedules": {"office": {"windows": ["mon-fri 07:00-19:00"]}, 'the "night"': {}},
                "person_schedules": {"ada@example.com": "office", "grace": 'the "night"'},
                "default_schedule": "office",
            }
        },
    ],
)
def test_shown_settings_read_back(values: dict[str, object]) -> None:
    settings = parse(values, source="test")
    assert parse(tomllib.loads(to_toml(settings)), source="shown") == settings


def test_shown_settings_name_what_was_changed() -> None:
    shown = to_toml(parse({"door": {"pulse_seconds": 0.5}}, source="test"))
    assert "# How long a grant unlocks the door. Default: 3.0.\npulse_seconds = 0.5\n" in shown
    assert "# weights =\n" in shown
