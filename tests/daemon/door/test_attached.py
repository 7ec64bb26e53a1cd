"""The threads beside the door: panel, card reader and kiosk, and the door side as a whole."""

import json
import queue
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from daemon.config.settings import Settings, parse
from daemon.door.assembly import assemble_door
from daemon.door.attached import open_credentials
from daemon.door.build import open_strike
from daemon.door.kiosk import KioskLink
from daemon.door.panel import PanelLink, PanelOrders
from daemon.errors import ConfigError, StoreError
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.rules.credentials import Card
from daemon.storage.masterkey import KeyFile
from daemon.storage.seal import SealFile
from daemon.storage.store import Store
from daemon.storage.vault import Cipher, Vault
from daemon.types import Decision, Reason
from hw.errors import LineError, PortError
from hw.osdp_orders import LedOrder, Order
from hw.wiegand import FORMATS
from tests.helpers.threads import LONG, running

GRANT = Decision(1, Reason.GRANTED, 0.0, "ada", 0.8, 0.9)
CARD = Card(118, 1603)
GPIOD = {"backend": "gpiod", "line": 1}
BITS = FORMATS["26"].encode(118, 1603)


class Sender:
    """A panel that notes what it gets."""

    def __init__(self) -> None:
        self.got: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.fails = False

    def card(self, bits: Sequence[int]) -> None:
        if self.fails:
            self.fails = False
            raise LineError("D0: gone")
        self.got.put(bits)

    def tamper(self, tampered: bool) -> None:
        self.got.put(tampered)


def test_a_driven_grant_is_the_persons_card(caplog: pytest.LogCaptureFixture) -> None:
    sender = Sender()
    cards = {"ada": CARD, "big": Card(300, 1)}
    link = PanelLink(sender=sender, card_of=cards.get, card_format=FORMATS["26"])
    with running(link.run):
        sender.fails = True
        link.tell(GRANT, 0.1)
        link.tell(GRANT, None)
        link.tell(Decision(2, Reason.UNKNOWN, 0.0), None)
        link.tell(replace(GRANT, person_id="bob"), 0.1)
        link.tell(replace(GRANT, person_id="big"), 0.1)
        link.tell_event(DoorEvent(EventType.TAMPER, 0.0))
        link.tell_event(DoorEvent(EventType.FORCED, 0.0))
        link.tell(GRANT, 0.1)
        assert sender.got.get(timeout=LONG) is True
        assert sender.got.get(timeout=LONG) == BITS
    assert "a person without a card; give them one" in caplog.text
    assert "does not fit" in caplog.text
    assert "D0: gone" in caplog.text


class Screen:
    """A kiosk that may be away."""

    def __init__(self) -> None:
        self.lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.away = True
        self.closed = False

    def open_port(self) -> "Screen":
        if self.away:
            self.away = False
            raise PortError("/dev/ttyUSB9: no such port")
        return self

    def write(self, data: bytes) -> None:
        self.lines.put(data)

    def close(self) -> None:
        self.closed = True


def test_the_kiosk_hears_decisions_that_stand_and_misses_those_while_it_is_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    screen = Screen()
    link = KioskLink(open_port=screen.open_port, wall=lambda: 1_600_000_000.0)
    with running(link.run):
        link.tell(GRANT, 0.1)
        link.tell(GRANT, None)
        link.tell_event(DoorEvent(EventType.DURESS, 0.0))
        link.tell(Decision(2, Reason.SPOOF, 0.0))
        line = json.loads(screen.lines.get(timeout=LONG))
    assert (line["decision"], line["reason"], line["person"]) == ("denied", "spoof", None)
    assert line["time"] == "2020-09-13T12:26:40.000Z"
    assert screen.closed
    assert caplog.text.count("no such port") == 1


def test_the_panels_key_is_kept_sealed(tmp_path: Path) -> None:
    orders: list[Order] = []

    def panel(seal: Cipher) -> PanelOrders:
        return PanelOrders(path=tmp_path / "osdp.key", seal=seal, on_order=orders.append)

    cipher = Cipher(data_key=bytes(32))
    assert panel(cipher).stored_key() is None
    assert panel(cipher).key(b"0123456789abcdef")
    assert panel(cipher).stored_key() == b"0123456789abcdef"
    assert b"0123456789abcdef" not in (tmp_path / "osdp.key").read_bytes()
    with pytest.raises(StoreError, match=r"set panel\.install"):
        panel(Cipher(data_key=bytes(range(32)))).stored_key()
    panel(cipher).order(LedOrder("red"))
    assert orders == [LedOrder("red")]


def test_another_master_key_does_not_open_the_seal(tmp_path: Path) -> None:
    SealFile(tmp_path / "door.key").open(KeyFile(tmp_path / "old"))
    other = KeyFile(tmp_path / "other")
    other.create()
    with pytest.raises(StoreError, match="does not open it"):
        SealFile(tmp_path / "door.key").open(other)


class Ears:
    def __init__(self) -> None:
        self.decisions: queue.SimpleQueue[tuple[Decision, float | None]] = queue.SimpleQueue()

    def tell(self, decision: Decision, driven: float | None = None) -> None:
        self.decisions.put((decision, driven))

    def tell_event(self, event: DoorEvent) -> None: ...

    def tell_door(self, *, locked: bool, lockdown: bool, is_open: bool | None) -> None: ...


def settings(folder: Path, **sections: Any) -> Settings:
    return parse({"storage": {"folder": str(folder)}, **sections}, source="test")


def test_the_door_side_of_a_configuration(tmp_path: Path) -> None:
    simulated = {"backend": "simulated"}
    config = settings(
        tmp_path,
        door={"contact": simulated, "exit_button": simulated, "tamper": simulated, "unlock_schedule": "never"},
        rules={"schedules": {"never": {}}},
        panel={"backend": "wiegand", "data0": simulated, "data1": simulated},
        reader={"backend": "wiegand", "data0": simulated, "data1": simulated},
        kiosk={"port": str(tmp_path / "absent")},
    )
    ears = Ears()
    strike = open_strike(config.door)
    store = Store(path=tmp_path / "gallery.db", vault=Vault(source=KeyFile(tmp_path / "master.key")))
    book, _ = open_credentials(config)
    book.set_pin("ada", "1234")
    with assemble_door(config, strike=strike, store=store, events=ears, lockdown=True) as side:
        names = [name for name, _ in side.threads]
        assert names[:4] == ["door", "contact", "exit button", "tamper"]
        assert {"lights", "kiosk", "panel", "card reader", "card reader D0", "card reader D1"} <= set(names)
        side.refresh()
        side.access.decide(GRANT)
        assert ears.decisions.get(timeout=LONG)[0].reason is Reason.NOT_PROVISIONED
    strike.close()
    store.close()


@pytest.mark.parametrize(
    ("sections", "named"),
    [
        ({"door": {"unlock_schedule": "absent"}}, "unlock_schedule"),
        ({"door": {"pulse_seconds": 5.0, "max_unlock_seconds": 4.0}}, "max_unlock_seconds"),
        ({"door": {"held_open_seconds": 901.0}}, "held_open_seconds"),
        ({"panel": {"backend": "osdp", "port": "/dev/x", "card_format": "99"}}, "card_format"),
        ({"reader": {"backend": "wiegand", "data0": {**GPIOD, "debounce_ms": 20}}}, "debounce_ms"),
        ({"cards": {"formats": {"x": {"length": 8, "facility": {"start": 0, "length": 4},
                                      "number": {"start": 3, "length": 4}}}}}, "overlap"),
    ],
)  # fmt: skip
def test_a_contradictory_configuration_is_refused(tmp_path: Path, sections: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        settings(tmp_path, **sections)


def test_a_format_of_ones_own_is_found(tmp_path: Path) -> None:
    own = {"length": 10, "facility": {"start": 1, "length": 3}, "number": {"start": 4, "length": 5}}
    parity = [{"at": 0, "start": 0, "end": 10, "odd": True}]
    config = settings(tmp_path, cards={"formats": {"own": {**own, "parity": parity}}})
    assert config.cards.find("own").decode(config.cards.find("own").encode(5, 17)) == (5, 17)
    assert config.cards.find("37").length == 37
