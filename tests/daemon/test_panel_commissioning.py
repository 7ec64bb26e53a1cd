"""An OSDP panel is taken into service as the README says: doctor and daemon, against a panel by somebody else."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.daemon.terminal import Terminal, grey
from tests.hw.osdp_bench import ADDRESS, LONG, MASTER, Panel, Wire, needs_panel


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    yield wire
    wire.unplug()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    (tmp_path / "film").mkdir()
    return grey(tmp_path / "film" / "1.png").parent


def terminal(folder: Path, film: Path, wire: Wire, keys: str = "") -> Terminal:
    panel = f'[panel]\nbackend = "osdp"\nport = "{wire.reader_end}"\naddress = {ADDRESS}\n{keys}\n'
    return Terminal(folder, panel, camera=film, loop=True)


def advice(terminal: Terminal) -> list[tuple[str, str]]:
    """Level and text of what the doctor finds of the panel."""
    found = json.loads(terminal("doctor", "--json").stdout)
    return [(finding["level"], finding["text"]) for finding in found if finding["check"] == "panel"]


@contextmanager
def in_service(terminal: Terminal) -> Iterator[subprocess.Popen[str]]:
    with terminal.running() as process:
        yield process
        process.terminate()
        _, log = process.communicate(timeout=LONG)
        assert process.returncode == 0, log


@needs_panel
def test_the_panel_sets_its_key_once_and_from_then_on_only_who_has_it_is_heard(
    tmp_path: Path, film: Path, wire: Wire
) -> None:
    (tmp_path / "store").mkdir(mode=0o700)
    plain = terminal(tmp_path, film, wire)
    assert "set panel.install = true" in advice(plain)[1][1]
    status, _, log = plain.run()
    assert (status, "Traceback" in log) == (9, False)
    assert "set panel.install = true" in log

    installing = terminal(tmp_path, film, wire, "install = true")
    assert [level for level, _ in advice(installing)] == ["ok", "warning"]
    with in_service(installing), closing(Panel(wire.panel_end, secure=True, key=MASTER)) as panel:
        panel.hear(secure=True, default_key=False)
        assert (tmp_path / "store" / "osdp.key").exists()
    assert advice(installing)[1] == ("warning", "the panel has set its key")

    ready = terminal(tmp_path, film, wire)
    assert advice(ready)[1] == ("ok", "the panel has set its key")
    with in_service(ready):
        with closing(Panel(wire.panel_end, secure=True, key=MASTER)) as panel:
            panel.hear(secure=True, default_key=False)
        with closing(Panel(wire.panel_end)) as panel:
            assert panel.hear(online=True)["secure"] is False
            panel.hear(nak="CommunicationSecurityNotMet")


@needs_panel
def test_the_doctor_names_an_absent_port_and_a_wire_in_clear(tmp_path: Path, film: Path, wire: Wire) -> None:
    wire.unplug()
    port, key = advice(terminal(tmp_path, film, wire, "secure_only = false"))
    assert (port[0], "no such port" in port[1]) == ("problem", True)
    assert (key[0], "not encrypted" in key[1]) == ("warning", True)
