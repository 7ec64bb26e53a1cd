"""The reader against a panel by somebody else, over socat's ptys."""

import queue
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hw.errors import PortError
from hw.osdp_channel import OsdpChannel
from hw.osdp_wire import PacketSplitter, describe
from hw.serial_port import SerialPort
from hw.wiegand import FORMATS
from tests.hw.osdp_bench import ADDRESS, LONG, MASTER, Panel, Wire, needs_panel
from tests.hw.ptys import Plug

pytest.importorskip("osdp_sys", reason="libosdp is not installed (extra osdp)")
from hw.osdp_orders import BuzzerOrder, LedOrder, Order, OutputOrder
from hw.osdp_reader import OsdpReader, OsdpSettings, Shows

CARD = FORMATS["26"].encode(118, 1603)
# A panel's POLL, and its challenge by the default key: SCB 11 with 0, CHLNG, eight random bytes; each with its CRC.
POLL = bytes.fromhex("53 05 08 00 04 60 bc 89")
CHALLENGE = bytes.fromhex("53 05 13 00 0c 03 11 00 76 00 00 00 00 00 00 00 00 54 16")
# One without a meaning; to switch output 0 on, to set address 9 and 19200 baud, to tell the housing's state.
UNASSIGNED = bytes.fromhex("53 05 08 00 04 63 df b9")
OUTPUT_ON = bytes.fromhex("53 05 0c 00 04 68 00 02 00 00 f1 c6")
COMSET = bytes.fromhex("53 05 0d 00 04 6e 09 00 4b 00 00 00 86")
LSTAT = bytes.fromhex("53 05 08 00 04 64 38 c9")


class Terminal:
    """A reader that runs in a thread, and what the panel ordered."""

    def __init__(self, port: Path, **settings: Any) -> None:
        self.orders: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.problems: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.log: list[str] = []
        self._splitters = {True: PacketSplitter(), False: PacketSplitter()}
        self.port = SerialPort(port=str(port), baud=9600)
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


def ask(plug: Plug, command: bytes) -> bytes:
    """What the reader answers."""
    plug.send(command)
    splitter = PacketSplitter()
    while data := plug.received(1):
        for answer in splitter.feed(data):
            return answer
    raise AssertionError("no answer")


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    yield wire
    wire.unplug()


@pytest.fixture
def make(wire: Wire) -> Iterator[Make]:
    made: list[Panel | Terminal] = []

    def build(kind: type[Panel] | type[Terminal], **options: Any) -> Panel | Terminal:
        made.append(kind(wire.panel_end if kind is Panel else wire.reader_end, **options))
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
    terminal, panel = make(Terminal, install=True, secure_only=True), make(Panel, secure=True, key=MASTER)
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


@pytest.mark.parametrize(
    ("settings", "by_default_key"),
    [
        ({}, False),
        ({"secure_only": True}, False),
        ({"install": True}, True),
        ({"install": True, "secure_only": True}, True),
        ({"key": bytes(range(16)), "secure_only": True}, False),
    ],
)
def test_the_default_key_opens_a_channel_in_install_mode_only(
    settings: dict[str, Any], by_default_key: bool, plug: Plug
) -> None:
    with closing(Terminal(plug.path, **settings)):
        answer = ask(plug, CHALLENGE)
    # The security block says by which key the reader answers: 0 is the default one.
    assert answer[5:9] == bytes((3, 0x12, 0 if by_default_key else 1, 0x76))


@pytest.mark.parametrize(("secure_only", "name"), [(True, "NAK 06"), (False, "ACK")])
def test_before_a_key_is_set_plain_orders_are_refused_where_the_channel_must_be_secure(
    secure_only: bool, name: str, plug: Plug
) -> None:
    with closing(Terminal(plug.path, install=True, secure_only=secure_only)):
        answer = ask(plug, POLL)
    assert describe(answer).endswith(name)


def test_an_unassigned_command_in_clear_does_not_end_the_terminal(plug: Plug) -> None:
    with closing(Terminal(plug.path, key=bytes(range(16)), secure_only=True)):
        answer = ask(plug, UNASSIGNED + POLL)
    assert describe(answer).endswith("NAK 06")


def test_address_and_rate_are_the_configurations(plug: Plug) -> None:
    with closing(Terminal(plug.path)):
        answer = ask(plug, COMSET)
        assert " NAK " in describe(answer)
        answer = ask(plug, POLL)
        assert describe(answer).endswith("ACK")


def test_an_open_housing_is_never_told_as_closed(plug: Plug) -> None:
    with closing(Terminal(plug.path)) as terminal:
        answer = ask(plug, LSTAT)
        assert describe(answer).endswith("LSTATR 00 00")
        terminal.reader.tamper(True)
        for _ in range(2):
            answer = ask(plug, LSTAT)
            assert " NAK " in describe(answer)
            # What was asked for comes when the panel polls.
            assert any(describe(ask(plug, POLL)).endswith("LSTATR 01 00") for _ in range(10))


class BusyPanel:
    """A channel on which one order follows the other; notes how much memory is in use."""

    id = 0

    def __init__(self, stop: threading.Event) -> None:
        self.orders = 0
        self.blocks: list[int] = []
        self._stop = stop

    def read(self, _max_bytes: int) -> bytes:
        return OUTPUT_ON

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None: ...

    def order(self, _order: Order) -> None:
        self.orders += 1
        if self.orders % 300 == 0:
            self.blocks.append(sys.getallocatedblocks())
        if len(self.blocks) == 2:
            self._stop.set()


def test_a_panels_orders_leave_nothing_behind() -> None:
    stop = threading.Event()
    panel: Any = BusyPanel(stop)
    settings = OsdpSettings(address=ADDRESS, shows=Shows(output=True))
    OsdpReader(channel=panel, settings=settings, listener=panel).run(stop)
    before, after = panel.blocks
    assert after - before < 100


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
def test_what_can_not_be_is_refused(settings: dict[str, Any], plug: Plug) -> None:
    port = SerialPort(port=str(plug.path), baud=9600)
    channel = OsdpChannel(port=port, on_wire=lambda *_: None, on_problem=lambda _: None)
    with pytest.raises(ValueError, match="expected"):
        OsdpReader(channel=channel, settings=OsdpSettings(**settings), listener=object())  # type: ignore[arg-type]
    port.close()


def test_an_absent_port_is_named_at_start(tmp_path: Path) -> None:
    with pytest.raises(PortError, match="no such port"):
        SerialPort(port=str(tmp_path / "absent"), baud=9600)
