"""A support bundle of a terminal that has secrets of every kind: none of them is in it, in whatever form."""

import base64
import tarfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from daemon.cli import main
from daemon.config.settings import load
from daemon.desk import open_store
from daemon.storage.people import NewTemplate
from tests.daemon.terminal import Terminal

PASSWORD = "hunter2-of-the-broker"
COMMAND_KEY = "c0ffee" * 8
RTSP = "rtsp://operator:s3cr3t-of-the-camera@192.0.2.7/stream"
PIN, CARD = "48151623", "342108642"
FACE = np.where(np.arange(512) % 3, 1, -1).astype(np.float32) / np.float32(np.sqrt(512))


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    (tmp_path / "password").write_text(PASSWORD + "\n")
    (tmp_path / "command.key").write_text(COMMAND_KEY + "\n")
    terminal = Terminal(
        tmp_path,
        f'[camera]\nbackend = "webcam"\nsource = "{RTSP}"\n[api]\nport = 1\n'
        f'[mqtt]\npassword_file = "{tmp_path / "password"}"\ncommand_key_file = "{tmp_path / "command.key"}"\n',
    )
    with closing(open_store(load(terminal.config))) as store:
        store.enrol("ada", [NewTemplate(FACE, "mobilefacenet", "api", 0.9)], replace=False)
    assert terminal("cards", "set", "ada", CARD).exit_code == 0
    typed = CliRunner().invoke(main, ["--config", str(terminal.config), "pin", "set", "ada"], input=f"{PIN}\n")
    assert typed.exit_code == 0, typed.output
    assert terminal("site", "create-key").exit_code == 0
    assert terminal("keys", "create", "till", "--may", "identify").exit_code == 0
    return terminal


def contents(file: Path) -> dict[str, bytes]:
    with tarfile.open(file) as archive:
        found = {}
        for member in archive.getmembers():
            data = archive.extractfile(member)
            assert data is not None
            found[Path(member.name).name] = data.read()
        return found


def test_it_tells_much_and_nothing_secret(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "bundle.tar.gz"
    result = terminal("support-bundle", str(file))
    assert result.exit_code == 0, result.output
    assert file.stat().st_mode & 0o777 == 0o600
    found = contents(file)
    assert set(found) == {
        *("README.txt", "versions.json", "machine.json", "doctor.json", "journal.txt", "service.txt"),
        *("configuration.json", "health.json", "disk.json", "files.txt"),
    }
    assert b'"auther-embedded"' in found["versions.json"]
    assert b"192.0.2.7/stream" in found["configuration.json"]
    assert b"-rw-------" in found["files.txt"]
    everything = b"\n".join(found.values())
    store = tmp_path / "store"
    secrets = [PASSWORD, COMMAND_KEY, "s3cr3t-of-the-camera", PIN, CARD]
    secrets += [(store / name).read_text().strip() for name in ("master.key", "site.key")]
    for secret in secrets:
        assert secret.encode() not in everything
        assert base64.b64encode(secret.encode()) not in everything
    for raw in (FACE.tobytes(), bytes.fromhex((store / "master.key").read_text())):
        for form in (raw, raw.hex().encode(), base64.b64encode(raw)[:40]):
            assert form not in everything


def test_a_wrong_configuration_still_gives_one_that_tells_what_is_wrong(terminal: Terminal, tmp_path: Path) -> None:
    terminal.config.write_text(terminal.config.read_text() + "\n[door]\npulse_secs = 3\n")
    file = tmp_path / "bundle.tar.gz"
    assert terminal("support-bundle", str(file)).exit_code == 0
    found = contents(file)
    assert b"pulse_secs" in found["doctor.json"]
    assert "configuration.json" not in found


def test_it_overwrites_nothing(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "precious.tar.gz"
    file.write_text("precious")
    result = terminal("support-bundle", str(file))
    assert result.exit_code == 1
    assert "precious.tar.gz" in result.output
    assert file.read_text() == "precious"
