"""The reader against a panel by somebody else, over socat's ptys. scripts/setup_osdp_panel makes the panel's Python."""

import json
import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hw.errors import PortError
from hw.osdp_channel import OsdpChannel
from hw.osdp_wire import PacketSplitter, describe
from hw.serial_port import SerialPort
from hw.wiegand import FORMATS

pytest.importorskip("osdp_sys", reason="libosdp is not installed (extra osdp)")
from hw.osdp_orders import BuzzerOrder, LedOrder, Order, OutputOrder
from hw.osdp_reader import OsdpReader, OsdpSettings, Shows

ROOT = Path(__file__).parents[2]
PANEL = Path(os.environ.get("AUTHER_OSDP_PANEL", ROOT / ".venv-osdp-panel" / "bin" / "python"))
LONG = 30.0
ADDRESS = 5
MASTER = "00112233445566778899aabbccddeeff"
CARD = FORMATS["26"].encode(118, 1603)

needs_panel = pytest.mark.skipif(
    not PANEL.exists() or shutil.which("socat") is None, reason="needs socat and scripts/setup_osdp_panel"
)


class Wire:
    """A cable between reader and panel that can be unplugged."""

    def __init__(self, folder: Path) -> None:
        self.reader_end, self.panel_end = folder / "reader", folder / "panel"
        self._process: subprocess.Popen[bytes] | None = None
        self.plug_in()

    def plug_in(self) -> None:
        ends = [f"pty,raw,echo=0,link={end}" for end in (self.reader_end, self.panel_end)]
        self._process = subprocess.Popen(["socat", *ends])
        deadline = time.monotonic() + LONG
        while not (self.reader_end.exists() and self.panel_end.exists()):
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def unplug(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(LONG)
            self._process = None


class Panel:
    """The panel's process, and what it hears."""

    def __init__(self, wire: Wire, *, secure: bool = False, key: str = "-") -> None:
        program = [
            PANEL,
            Path(__file__).with_name("osdp_panel.py"),
            wire.panel_end,
            str(ADDRESS),
            str(int(secure)),
            key,
        ]
        self._process = subprocess.Popen(
            [str(word) for word in program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._heard: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._heard.put(json.loads(line))

    def order(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(word + "\n")
        self._process.stdin.flush()

    def hear(self, *, timeout: float = LONG, **wanted: object) -> dict[str, Any]:
        """Wait for a message with these values; raises queue.Empty if none comes."""
        deadline = time.monotonic() + timeout
        while True:
            heard = self._heard.get(timeout=max(0.001, deadline - time.monotonic()))
            if wanted.items() <= heard.items():
                return heard

    def close(self) -> None:
        self._process.kill()
        self._process.wait(LONG)
        self._thread.join(LONG)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


class Terminal:
    """A reader that runs in a thread, and what the panel ordered."""

    def __init__(self, wire: Wire, **settings: Any) -> None:
        self.orders: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.problems: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.log: list[str] = []
        self._splitters = {True: PacketSplitter(), False: PacketSplitter()}
        self.port = SerialPort(port=str(wire.reader_end), baud=9600)
        channel = OsdpChannel(port=self.port, on_wire=self._trace, on_problem=self.problems.put)
        self.reader = OsdpReader(
            channel=channel,
            settings=OsdpSettings(address=ADDRESS, shows=Shows(True, True, True), **settings),
            listener=self,
        )
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.reader.run, args=(self._stop,))
        self._thread.start()

    def _trace(self, sent: bool, data: bytes) -> None:
        self.log += [describe(packet) for packet in self._splitters[sent].feed(data)]

    def order(self, order: Order) -> None:
        self.orders.put(order)

    def key(self, key: bytes) -> bool:
        self.orders.put(("key", key))
        return True

    def close(self) -> None:
        self._stop.set()
        self._thread.join(LONG)
        self.port.close()


Make = Callable[..., Any]


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    yield wire
    wire.unplug()


@pytest.fixture
def make(wire: Wire) -> Iterator[Make]:
    made: list[Panel | Terminal] = []

    def build(kind: type[Panel] | type[Terminal], **options: Any) -> Panel | Terminal:
        made.append(kind(wire, **options))
        return made[-1]

    yield build
    for each in reversed(made):
        each.close()


@needs_panel
def test_plain_cards_orders_and_tamper(make: Make) -> None:
    terminal, panel = make(Terminal), make(Panel)
    panel.hear(online=True, secure=False)
    terminal.reader.card(CARD)
    assert panel.hear(card="bb032180")["bits"] == 26
    panel.order("led")
    panel.hear(done=True)
    assert terminal.orders.get(timeout=LONG) == LedOrder("green", on_seconds=0.1)
    panel.order("blink")
    panel.hear(done=True)
    assert terminal.orders.get(timeout=LONG) == LedOrder("red", "amber", 0.2, 0.3, seconds=4.0)
    panel.order("buzzer")
    panel.hear(done=True)
    assert terminal.orders.get(timeout=LONG) == BuzzerOrder(on=True, on_seconds=0.2, off_seconds=0.1, times=3)
    panel.order("output")
    panel.hear(done=True)
    assert terminal.orders.get(timeout=LONG) == OutputOrder(0, True, 5.0)
    terminal.reader.tamper(True)
    panel.hear(tamper=True)
    assert any("RAW 00 01 1A 00 BB 03 21 80" in line for line in terminal.log)
    assert any(line.endswith("POLL") for line in terminal.log)


@needs_panel
def test_install_mode_takes_a_key_and_then_only_that_key(make: Make) -> None:
    terminal, panel = make(Terminal, install=True), make(Panel, secure=True, key=MASTER)
    order, key = terminal.orders.get(timeout=LONG)
    assert order == "key"
    assert len(key) == 16
    panel.hear(online=True, secure=True)
    terminal.reader.card(CARD)
    panel.hear(card="bb032180")
    assert not any("BB 03 21 80" in line for line in terminal.log)
    assert any("KEYSET" in line and line.endswith("bytes not shown") for line in terminal.log)
    panel.close()
    terminal.close()

    again, panel = make(Terminal, key=key, secure_only=True), make(Panel, secure=True, key=MASTER)
    panel.hear(online=True, secure=True)
    again.reader.card(CARD)
    panel.hear(card="bb032180")


@needs_panel
def test_a_wrong_key_and_a_plain_panel_are_refused(make: Make) -> None:
    terminal, panel = make(Terminal, key=bytes(range(16)), secure_only=True), make(Panel, secure=True, key=MASTER)
    with pytest.raises(queue.Empty):
        panel.hear(secure=True, timeout=3.0)
    assert not terminal.reader.secure
    panel.close()
    plain = make(Panel)
    terminal.reader.card(CARD)
    with pytest.raises(queue.Empty):
        plain.hear(card="bb032180", timeout=3.0)


@needs_panel
def test_a_panel_that_restarts_and_a_wire_that_was_out_are_found_again(make: Make, wire: Wire) -> None:
    terminal, panel = make(Terminal), make(Panel)
    panel.hear(online=True)
    panel.close()
    panel = make(Panel)
    panel.hear(online=True)
    wire.unplug()
    assert "went away" in (terminal.problems.get(timeout=LONG) or "")
    panel.close()
    wire.plug_in()
    assert terminal.problems.get(timeout=LONG) is None
    panel = make(Panel)
    panel.hear(online=True)
    terminal.reader.card(CARD)
    panel.hear(card="bb032180")


@pytest.mark.parametrize("settings", [{"address": 127}, {"address": -1}, {"address": 1, "key": b"short"}])
def test_what_can_not_be_is_refused(settings: dict[str, Any], plug: Any) -> None:
    port = SerialPort(port=str(plug.path), baud=9600)
    channel = OsdpChannel(port=port, on_wire=lambda *_: None, on_problem=lambda _: None)
    with pytest.raises(ValueError, match="expected"):
        OsdpReader(channel=channel, settings=OsdpSettings(**settings), listener=object())  # type: ignore[arg-type]
    port.close()


def test_an_absent_port_is_named_at_start(tmp_path: Path) -> None:
    with pytest.raises(PortError, match="no such port"):
        SerialPort(port=str(tmp_path / "absent"), baud=9600)
