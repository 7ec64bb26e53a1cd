"""`auther console`, called as a person would."""

import json
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from daemon.audit import open_audit
from daemon.cli import main
from daemon.config.settings import Settings, load
from daemon.console.access import open_console_access
from daemon.console.passwords import PasswordHasher
from daemon.desk import open_store

PASSWORD = "walnut harbour tricycle"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTHER_MASTER_KEY", raising=False)
    monkeypatch.setattr("daemon.console.access.PasswordHasher", partial(PasswordHasher, log_cost=4))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    config = tmp_path / "auther.toml"
    config.write_text(f'[storage]\nfolder = "{tmp_path / "state"}"\n')
    return config


def call(config: Path, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["--config", str(config), "console", *arguments], input=typed)


def settings(config: Path) -> Settings:
    return load(config)


def test_users_are_made_listed_changed_and_removed(config: Path) -> None:
    assert "setup-code" in call(config, "users", "list").output
    added = call(config, "users", "add", "Anna", "--role", "administrator", typed=f"{PASSWORD}\n")
    assert (added.exit_code, added.output) == (0, "anna: administrator\n")
    call(config, "users", "add", "bert", "--role", "viewer", typed=f"{PASSWORD}\n")
    call(config, "users", "role", "bert", "operator")
    found = json.loads(call(config, "users", "list", "--json").output)
    assert [(one["user"], one["role"], one["last_login"]) for one in found] == [
        ("anna", "administrator", None),
        ("bert", "operator", None),
    ]
    users = open_console_access(settings(config)).users
    assert users.matches("ANNA", PASSWORD) is not None
    assert call(config, "users", "password", "anna", typed="five other words of mine\n").exit_code == 0
    assert users.matches("anna", PASSWORD) is None
    assert users.matches("anna", "five other words of mine") is not None
    assert call(config, "users", "remove", "bert").exit_code == 0
    assert "bert" not in call(config, "users", "list").output


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        (("users", "add", "anna", "--role", "viewer"), "walnut harbour tricycle\n", "already"),
        (("users", "add", "no name", "--role", "viewer"), "walnut harbour tricycle\n", "expected 1 to 64"),
        (("users", "add", "carl", "--role", "viewer"), "short\n", "at least 15"),
        (("users", "password", "nobody"), "walnut harbour tricycle\n", "there is none"),
        (("users", "remove", "nobody"), "", "there is none"),
        (("users", "role", "anna", "viewer"), "", "last administrator"),
    ],
)
def test_what_can_t_be_done_is_told_in_a_line(config: Path, arguments: tuple[str, ...], typed: str, said: str) -> None:
    call(config, "users", "add", "anna", "--role", "administrator", typed=f"{PASSWORD}\n")
    refused = call(config, *arguments, typed=typed)
    assert refused.exit_code == 1
    assert said in refused.output
    assert "Traceback" not in refused.output
    assert len(refused.output.splitlines()) == 1


def test_the_set_up_code_is_the_same_until_there_is_a_user(config: Path) -> None:
    first = call(config, "setup-code").output
    assert first == call(config, "setup-code").output
    assert len(first.strip().replace("-", "")) == 12
    call(config, "users", "add", "anna", "--role", "administrator", typed=f"{PASSWORD}\n")
    refused = call(config, "setup-code")
    assert refused.exit_code == 2
    assert "users already" in refused.output
    assert call(config, "users", "remove", "anna").exit_code == 0
    assert call(config, "setup-code").exit_code == 0


def test_what_was_done_stands_in_the_audit_trail(config: Path) -> None:
    call(config, "users", "add", "anna", "--role", "administrator", typed=f"{PASSWORD}\n")
    call(config, "users", "remove", "anna")
    store = open_store(settings(config))
    audit = open_audit(settings(config).storage.folder, store)
    lines = [json.loads(line) for line in audit.lines()]
    audit.close()
    store.close()
    assert [(line["what"], line["whom"]) for line in lines] == [("create user", "anna"), ("remove user", "anna")]
    assert not any(PASSWORD in json.dumps(line) for line in lines)


def test_the_doctor_says_whether_anybody_can_log_in(config: Path) -> None:
    said = CliRunner().invoke(main, ["--config", str(config), "doctor"]).output
    assert "auther console setup-code" in said
    call(config, "users", "add", "anna", "--role", "administrator", typed=f"{PASSWORD}\n")
    assert "1 user(s) may log in" in CliRunner().invoke(main, ["--config", str(config), "doctor"]).output
