import os
import pty
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hw.errors import LineError, PortError
from hw.lcus_line import LcusOutputLine
from hw.reopening import ReopeningLine
from hw.serial_port import SerialPort
from hw.strike import Strike


@pytest.fixture
def port(plug: Any) -> Iterator[SerialPort]:
    port = SerialPort(port=str(plug.path), baud=9600)
    yield port
    port.close()


def test_bytes_go_both_ways(plug: Any, port: SerialPort) -> None:
    port.write(b"hello")
    assert plug.received(5) == b"hello"
    assert port.read(10) == b""
    plug.send(b"world")
    assert port.read(10) == b"world"


def test_an_absent_port_is_named(tmp_path: Path) -> None:
    with pytest.raises(PortError, match=r"/absent: no such port; plug the device in"):
        SerialPort(port=str(tmp_path / "absent"), baud=9600)


def test_a_port_in_use_is_named(plug: Any, port: SerialPort) -> None:
    with pytest.raises(PortError, match=r"can't be opened .* no other program holds the port"):
        SerialPort(port=str(plug.path), baud=9600)


def test_a_closed_port_can_not_be_used(port: SerialPort) -> None:
    port.close()
    port.close()
    with pytest.raises(PortError, match="closed"):
        port.write(b"x")


def test_what_has_come_is_forgotten_however_much_comes(
    plug: Any, port: SerialPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug.send(b"old")
    reads = iter(range(100))
    # A line that is never silent: a cut bus, or another device that babbles.
    monkeypatch.setattr("serial.Serial.read", lambda _port, size: bytes(size) if next(reads) < 99 else None)
    port.flush_input()
    monkeypatch.undo()
    plug.send(b"new")
    assert port.read(10) == b"new"


def test_it_works_again_after_it_was_unplugged(plug: Any, port: SerialPort) -> None:
    plug.unplug()
    for _ in range(2):
        with pytest.raises(PortError):
            port.write(b"x")
    with pytest.raises(PortError):
        port.read(1)
    plug.plug_in()
    port.write(b"again")
    assert plug.received(5) == b"again"


def test_a_board_that_was_unplugged_takes_the_next_command(plug: Any) -> None:
    line = ReopeningLine(open_line=lambda: LcusOutputLine(port=str(plug.path), channel=2))
    strike = Strike(line=line, fail_safe=False)
    assert plug.received(8) == bytes.fromhex("A00200A2 A00200A2")
    plug.unplug()
    with pytest.raises(LineError, match=r"relay 2: can't be driven"):
        strike.unlock()
    with pytest.raises(LineError, match=r"relay 2: .*no such port"):
        strike.unlock()
    plug.plug_in()
    strike.unlock()
    assert plug.received(8) == bytes.fromhex("A00200A2 A00201A3")
    strike.close()
    assert plug.received(4) == bytes.fromhex("A00200A2")
    with pytest.raises(LineError, match="closed"):
        strike.unlock()


def test_being_unplugged_at_any_moment_of_a_write_is_told_as_that(tmp_path: Path) -> None:
    link = tmp_path / "port"
    for turn in range(150):
        board, line = pty.openpty()
        tty.setraw(line)
        link.unlink(missing_ok=True)
        link.symlink_to(os.ttyname(line))
        port = SerialPort(port=str(link), baud=9600)
        os.close(line)

        def pull_out(board: int = board, turn: int = turn) -> None:
            os.read(board, 1)
            time.sleep(turn * 2e-6)
            os.close(board)

        puller = threading.Thread(target=pull_out)
        puller.start()
        while True:
            try:
                port.write(bytes(64))
            except PortError:
                break
        puller.join()
        port.close()
