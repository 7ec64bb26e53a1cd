"""The readable log of a panel's wire, also where it can't be written."""

from contextlib import closing
from pathlib import Path

import pytest

from daemon.config.settings import parse
from daemon.door.attached import attach, open_credentials
from daemon.door.wire_log import WireLog
from daemon.errors import ConfigError
from tests.helpers.threads import running
from tests.hw.ptys import Plug

POLL = bytes.fromhex("53 00 08 00 04 60 eb aa")


def test_each_packet_is_a_line(tmp_path: Path) -> None:
    with closing(WireLog(tmp_path / "wire", wall=lambda: 0.0)) as wire_log:
        wire_log.wire(False, POLL[:3])
        wire_log.wire(False, POLL[3:])
    assert (tmp_path / "wire").read_text() == "1970-01-01T00:00:00.000Z panel > reader   0 seq 0 POLL\n"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"panel\.trace_file: .*absent.* can't be written"):
        WireLog(tmp_path / "absent" / "wire")


def test_a_full_disk_costs_the_log_and_not_the_panel(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("osdp_sys", reason="libosdp is not installed (extra osdp)")
    with closing(Plug(tmp_path / "ttyUSB0")) as plug:
        panel = {"backend": "osdp", "port": str(plug.path), "secure_only": False, "trace_file": "/dev/full"}
        settings = parse({"storage": {"folder": str(tmp_path)}, "panel": panel}, source="test")
        book, seal = open_credentials(settings)
        with (
            attach(settings, credentials=book, seal=seal) as attached,
            running(dict(attached.threads)["osdp"]),
        ):
            for _ in range(2):
                plug.send(POLL)
                assert plug.received(8)[-3:-2] == b"\x40"  # ACK
    assert caplog.text.count("No space left on device") == 1
