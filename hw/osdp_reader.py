"""An OSDP v2 peripheral device: towards an existing panel, the terminal is a card reader. Through libosdp."""

import ctypes
import logging
import queue
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import osdp_sys
from osdp.constants import Capability, CardFormat, Command, Event, LibFlag, LogLevel, StatusReportType

from hw.osdp_channel import OsdpChannel
from hw.osdp_orders import Order, OutputOrder, buzzer_order, led_order, output_order
from hw.wiegand import pack

log = logging.getLogger(__name__)

REFRESH_SECONDS = 0.005
KEY_BYTES = 16
_CAPABILITIES = (
    (Capability.ContactStatusMonitoring, 1, 1),
    (Capability.CardDataFormat, 1, 1),
    (Capability.CheckCharacter, 1, 0),
    (Capability.CommunicationSecurity, 1, 1),
    (Capability.Readers, 0, 1),
)
# Of whom the panel is told that it speaks with.
_IDENTITY = {"version": 1, "model": 1, "vendor_code": 0x00415554, "firmware_version": 0x010000}


@dataclass(frozen=True)
class Shows:
    """What a reader has beside it, which is told to the panel."""

    lights: bool = False
    buzzer: bool = False
    output: bool = False


@dataclass(frozen=True)
class OsdpSettings:
    """`address` 0 to 126; `key` the 16 bytes of the secure channel (SCBK), None without one.

    `install` accepts the well-known default key until the panel has set one of its own; `secure_only` refuses all but
    the secure channel, so that with neither `key` nor `install` no panel is ever heard. `serial` tells terminals of one
    site apart.
    """

    address: int
    key: bytes | None = None
    install: bool = False
    secure_only: bool = False
    serial: int = 1
    shows: Shows = Shows()


class PanelListener(Protocol):
    """Hears what the panel orders, on the reader's thread."""

    def order(self, order: Order) -> None:
        """Show, sound or switch; returns at once."""
        ...

    def key(self, key: bytes) -> bool:
        """The panel set a new secure channel key: store it. False refuses it."""
        ...


class OsdpReader:
    """One peripheral device, with a thread of its own: libosdp is used by `run` only.

    Raises ValueError for an address or key that can't be.
    """

    def __init__(self, *, channel: OsdpChannel, settings: OsdpSettings, listener: PanelListener) -> None:
        if not 0 <= settings.address <= 126:
            raise ValueError(f"address {settings.address}: expected 0 to 126")
        if settings.key is not None and len(settings.key) != KEY_BYTES:
            raise ValueError(f"key: expected {KEY_BYTES} bytes, not {len(settings.key)}")
        self._listener = listener
        self._events: queue.SimpleQueue[Mapping[str, object]] = queue.SimpleQueue()
        osdp_sys.set_loglevel(LogLevel.Critical)
        self._device = osdp_sys.PeripheralDevice(_info(settings, channel), capabilities=_capabilities(settings.shows))
        self._device.set_command_callback(self._obey)
        self._tampered = False
        self.online = False
        self.secure = False

    def card(self, bits: Sequence[int]) -> None:
        """Report a card with these bits (Wiegand order); returns at once. What no panel hears is dropped."""
        self._report(
            {
                "event": Event.CardRead,
                "reader_no": 0,
                "direction": 0,
                "format": CardFormat.Wiegand,
                "length": len(bits),
                "data": pack(bits),
            }
        )

    def tamper(self, tampered: bool) -> None:
        """Report the housing; returns at once."""
        self._tampered = tampered
        report = bytes((int(tampered), 0))
        self._report({"event": Event.Status, "type": StatusReportType.Local, "report": report})

    def run(self, stop: threading.Event) -> None:
        """Speak with the panel until told to stop."""
        while not stop.wait(REFRESH_SECONDS):
            self._device.refresh()
            self.online, self.secure = bool(self._device.is_online()), bool(self._device.is_sc_active())
            self._submit()

    def _report(self, event: Mapping[str, object]) -> None:
        self._events.put(event)

    def _submit(self) -> None:
        while not self._events.empty():
            event = self._events.get()
            # A panel that comes back an hour later must not hear of an hour's cards.
            if not self.online and event["event"] == Event.CardRead:
                log.warning("osdp: no panel is there to hear of a card")
            elif not self._device.submit_event(event):
                log.warning("osdp: the panel does not fetch what happens; an event was dropped")

    def _obey(self, command: Mapping[str, object]) -> tuple[int, None]:
        # An exception must not pass through libosdp.
        try:
            done = self._pass_on(command)
        except Exception:
            log.exception("osdp: the panel's command failed")
            done = False
        # libosdp keeps the answer for ever and gives back the None in it, which it never took (3.2.9, pd_command_cb).
        # So no answer is made anew, and the None is given.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(None))
        return _DONE if done else _REFUSED

    def _pass_on(self, command: Mapping[str, object]) -> bool:
        kind = command["command"]
        if kind == Command.Keyset:
            return self._listener.key(_bytes(command["data"]))
        if kind == Command.Comset:
            # Address and rate are the configuration's.
            return False
        if kind == Command.Status and command["type"] == StatusReportType.Local and self._tampered:
            # libosdp's Python answers "all is well", whatever it is given. So the truth comes with the next poll.
            self.tamper(True)
            return False
        read = _ORDERS.get(kind)
        order = read(command) if read is not None else None
        if isinstance(order, OutputOrder) and order.number > 0:
            return False
        if order is not None:
            self._listener.order(order)
        return True


_DONE, _REFUSED = (0, None), (-1, None)
_ORDERS: Mapping[object, Callable[[Mapping[str, object]], Order | None]] = MappingProxyType(
    {Command.LED: led_order, Command.Buzzer: buzzer_order, Command.Output: output_order}
)


def _info(settings: OsdpSettings, channel: OsdpChannel) -> dict[str, object]:
    flags = LibFlag.InstallMode if settings.install else 0
    flags |= LibFlag.EnforceSecure if settings.secure_only else 0
    return {
        "name": "auther",
        "address": settings.address,
        "flags": flags,
        # Without any key libosdp takes the default one from everybody, and can't be told to insist on a secure channel:
        # one that nobody knows stands in until a panel has set its own.
        "scbk": settings.key or secrets.token_bytes(KEY_BYTES),
        "channel": channel,
        "serial_number": settings.serial,
        **_IDENTITY,
    }


def _capabilities(shows: Shows) -> list[dict[str, int]]:
    # The levels say, by the specification's annex B: timed, and the light in two colours.
    optional = (
        (Capability.LEDControl, 3, shows.lights),
        (Capability.AudibleControl, 2, shows.buzzer),
        (Capability.OutputControl, 3, shows.output),
    )
    has = [(code, level, 1) for code, level, there in optional if there]
    return [
        {"function_code": code, "compliance_level": level, "num_items": items}
        for code, level, items in (*_CAPABILITIES, *has)
    ]


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes | bytearray):
        raise TypeError("expected bytes")
    return bytes(value)
