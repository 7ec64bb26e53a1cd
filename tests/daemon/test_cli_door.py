"""The commands for cards, PINs, the rules' data of people, and the panel's wire."""

import json
import os
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from daemon.cli import main
from daemon.config.settings import Storage
from daemon.doctor.board import look_at_board
from daemon.rules.credentials import Card, CredentialBook
from daemon.storage.masterkey import KeyFile
from daemon.storage.seal import SealFile
from daemon.storage.store import open_store
from tests.daemon.stores import template
from tests.daemon.terminal import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    terminal = Terminal(tmp_path)
    with closing(open_store(Storage(folder=tmp_path / "store"), environ={})) as store:
        for seed, person_id in enumerate(("ada", "bob")):
            store.enrol(person_id, [template(seed)], replace=False)
    return terminal


def book(terminal: Terminal) -> CredentialBook:
    folder = terminal.folder / "store"
    seal = SealFile(folder / "door.key").open(KeyFile(folder / "master.key"))
    return CredentialBook(path=folder / "credentials", seal=seal)


def typed(terminal: Terminal, text: str, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(terminal.config), *words], input=text)


def test_cards_are_given_listed_and_taken(terminal: Terminal) -> None:
    assert terminal("cards", "set", "ada", "34567", "--facility", "12").stdout == "ada: card 34567, facility 12\n"
    assert terminal("cards", "list").stdout == "ada  card 34567, facility 12\n"
    assert terminal.answer("cards", "list") == [{"person_id": "ada", "facility": 12, "number": 34567, "pin": False}]
    taken = terminal("cards", "set", "bob", "34567", "--facility", "12")
    assert (taken.exit_code, "card 12:34567 belongs to ada" in taken.stderr) == (2, True)
    assert terminal("cards", "set", "eve", "1").exit_code == 4
    assert terminal("cards", "remove", "ada").stdout == "ada: no card\n"
    assert terminal.answer("cards", "list") == []


def test_a_card_of_somebody_who_is_missing_can_be_taken(terminal: Terminal) -> None:
    book(terminal).set_card("eve", Card(facility=0, number=7))
    assert terminal("cards", "remove", "eve").stdout == "eve: no card\n"
    assert terminal.answer("cards", "list") == []
    assert terminal("cards", "remove", "eve").exit_code == 4


def test_a_card_that_the_panel_can_t_be_sent_is_refused(terminal: Terminal) -> None:
    lines = 'data0 = {backend = "simulated"}\ndata1 = {backend = "simulated"}\n'
    terminal.config.write_text(f'{terminal.config.read_text()}\n[panel]\nbackend = "wiegand"\n{lines}')
    for words, told in (
        (["99999999"], "number: expected at most 65535 for the panel's card format 26, not 99999999"),
        (["1", "--facility", "300"], "facility: expected at most 255 for the panel's card format 26, not 300"),
    ):
        refused = terminal("cards", "set", "ada", *words)
        assert (refused.exit_code, told in refused.stderr) == (2, True)
    assert terminal.answer("cards", "list") == []
    assert terminal("cards", "set", "ada", "65535", "--facility", "255").exit_code == 0


def test_a_pin_is_read_and_never_shown(terminal: Terminal) -> None:
    result = typed(terminal, "4711\n", "pin", "set", "ada")
    assert result.output == "ada: new PIN\n"
    assert book(terminal).pin_matches("ada", "4711")
    assert terminal("cards", "list").stdout == "ada  no card, PIN\n"
    assert "4 to 12 digits" in typed(terminal, "12\n", "pin", "set", "ada").stderr
    assert terminal("pin", "remove", "ada").exit_code == 0
    assert not book(terminal).people


def test_a_pin_that_is_typed_is_asked_for_twice(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.cli.credentials.somebody_there", lambda: True)
    result = typed(terminal, "4711\n4712\n4711\n4711\n", "pin", "set", "ada")
    assert result.exit_code == 0
    assert "4711" not in result.output
    assert book(terminal).pin_matches("ada", "4711")


def test_removal_takes_the_card_along(terminal: Terminal) -> None:
    assert terminal.answer("remove", "bob")["credentials"] is False
    terminal("cards", "set", "ada", "1")
    assert terminal("remove", "ada").stdout == "ada: removed, 1 template(s) erased, with card and PIN\n"
    assert not book(terminal).people


def test_what_the_rules_know_of_a_person_can_be_set(terminal: Terminal) -> None:
    assert terminal("person", "ada").stdout == ("ada: active, groups: none, valid from: no limit, until: no limit\n")
    words = ("--groups", "staff, night", "--valid-until", "2030-01-01T00:00:00+01:00", "--suspend")
    found = terminal.answer("person", "ada", *words)
    assert (found["groups"], found["active"]) == (["staff", "night"], False)
    assert (found["valid_from"], found["valid_until"]) == (None, "2029-12-31T23:00:00.000Z")
    again = terminal.answer("person", "ada", "--resume", "--valid-until", "none")
    assert (again["groups"], again["active"], again["valid_until"]) == (["staff", "night"], True, None)
    assert terminal.answer("person", "ada", "--groups", "")["groups"] == []
    assert "expected a time" in terminal("person", "ada", "--valid-from", "tomorrow").stderr
    assert terminal("person", "eve").exit_code == 4


def test_a_person_whose_time_would_end_before_it_begins_is_left_as_it_is(terminal: Terminal) -> None:
    terminal("person", "ada", "--valid-from", "2028-01-01T00:00:00Z")
    before = terminal("person", "ada").stdout
    refused = terminal("person", "ada", "--valid-until", "2027-01-01T00:00:00Z")
    assert refused.exit_code == 2
    assert "the end has to come after the beginning" in refused.stderr
    assert terminal("person", "ada").stdout == before


def panel(folder: Path) -> str:
    return f'[panel]\nbackend = "osdp"\nport = "/dev/ttyUSB9"\ntrace_file = "{folder / "osdp.log"}"\n'


def test_the_wire_log_is_printed(tmp_path: Path) -> None:
    assert "panel.trace_file" in Terminal(tmp_path)("osdp", "trace").stderr
    terminal = Terminal(tmp_path, panel(tmp_path))
    assert "can't be read" in terminal("osdp", "trace").stderr
    (tmp_path / "osdp.log").write_text("panel > reader   1 seq 0 POLL\n")
    assert terminal("osdp", "trace").stdout == "panel > reader   1 seq 0 POLL\n"


def test_the_wire_log_is_followed_also_into_a_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "osdp.log"
    log.write_text("one\n")
    steps = iter((lambda: None, log.unlink, lambda: log.write_text("two\n"), lambda: os.truncate(log, 0)))

    def wait(_seconds: float) -> None:
        step = next(steps, None)
        if step is None:
            raise KeyboardInterrupt
        step()

    monkeypatch.setattr("daemon.cli.osdp.time.sleep", wait)
    result = Terminal(tmp_path, panel(tmp_path))("osdp", "trace", "--follow")
    assert result.stdout.startswith("one\ntwo\n")


def test_the_doctor_shows_the_pins_of_boards(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    shown = terminal("doctor", "--pins").stdout
    assert all(board in shown for board in ("Raspberry Pi 4", "Raspberry Pi 5", "Jetson Orin Nano"))
    boards = json.loads(terminal("doctor", "--pins", "--json").stdout)
    assert boards[1]["lines"]["11"] == "GPIO17"
    compatible = tmp_path / "compatible"
    compatible.write_bytes(b"raspberrypi,5-model-b\0brcm,bcm2712\0")
    (finding,) = look_at_board(compatible=compatible)
    assert "GPIO17" in finding.text
    assert not list(look_at_board(compatible=tmp_path / "absent"))
    compatible.write_bytes(b"acme,toaster\0")
    assert not list(look_at_board(compatible=compatible))
