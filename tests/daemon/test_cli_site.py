"""`auther site`: a key made on one terminal and taken over by another."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from daemon.cli import main


class Terminal:
    """A configuration, and commands run with it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder, self._config = folder, folder / "auther.toml"
        self._config.write_text(f'[storage]\nfolder = "{folder}"\n')

    def run(self, *words: str, given: str | None = None) -> Result:
        return CliRunner().invoke(main, ["--config", str(self._config), "site", *words], input=given)


@pytest.fixture
def one(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "one")


@pytest.fixture
def two(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "two")


def test_a_site_is_made_on_one_terminal_and_joined_by_another(one: Terminal, two: Terminal) -> None:
    made = one.run("create-key")
    assert made.exit_code == 0
    secret = one.run("show", "--secret").output
    assert two.run("import", given=secret).output.split(":")[0] == made.output.split(":")[0]
    states = [json.loads(terminal.run("show", "--json").output) for terminal in (one, two)]
    assert states[0] == states[1]
    assert (states[0]["people"], states[0]["due"], states[0]["enabled"]) == (0, 0, False)
    assert "sharing.enabled is false" in one.run("show").output
    assert secret.strip() not in one.run("show").output


def test_a_key_is_not_replaced_by_mistake(one: Terminal, tmp_path: Path) -> None:
    one.run("create-key")
    before = one.run("show", "--secret").output
    refused = one.run("create-key")
    assert refused.exit_code == 2
    assert "give --replace" in refused.stderr
    key = tmp_path / "key"
    key.write_text("00" * 32)
    assert one.run("import", str(key)).exit_code == 2
    assert one.run("show", "--secret").output == before
    assert one.run("import", str(key), "--replace").exit_code == 0
    assert one.run("show", "--secret").output == "00" * 32 + "\n"


def test_what_is_wrong_is_told(one: Terminal, tmp_path: Path) -> None:
    assert "create-key" in one.run("show").stderr
    assert one.run("import", given="nonsense").exit_code == 2
    missing = one.run("import", str(tmp_path / "none"))
    assert missing.exit_code == 2
    assert "can't be read" in missing.stderr


def test_dating_anew_without_need_changes_nothing(one: Terminal) -> None:
    one.run("create-key")
    assert one.run("restamp").output == "0 changes dated now; the daemon publishes them\n"
