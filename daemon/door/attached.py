"""Makes what is attached to the door besides its own lines: lights, a panel, a card reader, a screen."""

import importlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from types import ModuleType

from daemon.config.door import OutputLine
from daemon.config.indicator import Indicator
from daemon.config.readers import OsdpPanel, WiegandPanel, WiegandReader
from daemon.config.settings import Settings
from daemon.door.build import line_opener
from daemon.door.cards import CardReader
from daemon.door.indicator import IndicatorPlan
from daemon.door.inputs import InputWatcher
from daemon.door.kiosk import KioskLink, Port
from daemon.door.lights import Lights, Part
from daemon.door.panel import KEY_FILE, CardSender, PanelLink, PanelOrders, key_problem
from daemon.door.runner import DoorListener
from daemon.door.wire_log import WireLog
from daemon.events.door_changes import DoorEvent
from daemon.rules.credentials import Card, CredentialBook, Seal
from daemon.storage.masterkey import find_store_key
from daemon.storage.seal import FILE_NAME, SealFile
from hw.backends import make_output_line
from hw.errors import BackendError
from hw.lines import OutputLine as Line
from hw.osdp_orders import Order
from hw.reopening import ReopeningLine
from hw.wiegand_wire import WiegandOutput

log = logging.getLogger(__name__)

BOOK = "credentials"

Run = Callable[[threading.Event], None]


@dataclass(frozen=True)
class Attached:
    """What hears the door, and the threads that it needs, by name."""

    listeners: tuple[DoorListener, ...]
    threads: tuple[tuple[str, Run], ...]


class WiegandSender:
    """A panel at two lines."""

    def __init__(self, output: WiegandOutput) -> None:
        self.card = output.send
        self.close = output.close

    def tamper(self, tampered: bool) -> None:
        """Wiegand has no word for it."""


def open_credentials(settings: Settings) -> tuple[CredentialBook, Seal]:
    """Cards and PINs, and what seals them. Raises StoreError."""
    folder = settings.storage.folder
    seal = SealFile(folder / FILE_NAME).open(find_store_key(settings.storage, environ=os.environ))
    return CredentialBook(path=folder / BOOK, seal=seal), seal


def forget_credentials(settings: Settings, person_id: str) -> bool:
    """Erase a person's card and PIN; whether there was any. Raises StoreError."""
    # Not even a key is made where nobody has any.
    return (settings.storage.folder / BOOK).exists() and open_credentials(settings)[0].remove(person_id)


@contextmanager
def attach(settings: Settings, *, credentials: CredentialBook, seal: Seal) -> Iterator[Attached]:
    """What the configuration names; what was opened is closed.

    Raises BackendError, HardwareError, StoreError, ConfigError.
    """
    listeners: list[DoorListener] = []
    threads: list[tuple[str, Run]] = []
    panel = settings.panel
    lights = _lights(settings.indicator)
    listeners.append(lights)
    threads.append(("lights", lights.run))
    if settings.kiosk is not None:
        kiosk = KioskLink(open_port=partial(_open_port, settings.kiosk.port, settings.kiosk.baud))
        listeners.append(kiosk)
        threads.append(("kiosk", kiosk.run))
    if panel is None:
        yield Attached(tuple(listeners), tuple(threads))
        return
    with (
        _wiegand(panel) if isinstance(panel, WiegandPanel) else _osdp(settings, panel, seal, on_order=lights.order) as (
            sender,
            more,
        )
    ):
        link = PanelLink(sender=sender, card_of=credentials.card, card_format=settings.cards.find(panel.card_format))
        yield Attached((*listeners, link), (*threads, ("panel", link.run), *more))


def card_reader(
    settings: Settings,
    reader: WiegandReader,
    *,
    on_card: Callable[[Card], object],
    on_event: Callable[[DoorEvent], None],
) -> list[tuple[str, Run]]:
    """The threads of a reader at two inputs."""
    gatherer = CardReader(card_format=settings.cards.find(reader.card_format), on_card=on_card)
    watchers = [
        InputWatcher(
            name=f"card reader D{bit}",
            open_line=line_opener(line),
            on_level=partial(gatherer.take, bit),
            on_event=on_event,
        )
        for bit, line in enumerate((reader.data0, reader.data1))
    ]
    return [("card reader", gatherer.run), *((f"card reader D{n}", w.run) for n, w in enumerate(watchers))]


def osdp_modules() -> tuple[ModuleType, ModuleType]:
    """`hw.osdp_channel` and `hw.osdp_reader`. Raises BackendError when the extra is not installed."""
    try:
        return importlib.import_module("hw.osdp_channel"), importlib.import_module("hw.osdp_reader")
    except ImportError as error:
        raise BackendError(
            f"panel back end 'osdp': {error}; install it with: pip install 'auther-embedded[osdp]'"
        ) from error


def _lights(indicator: Indicator) -> Lights:
    wanted: dict[Part, OutputLine | None] = {
        "green": indicator.green,
        "red": indicator.red,
        "buzzer": indicator.buzzer,
        "output": indicator.output,
    }
    # Opened at once, so that a wrong line is named at start; one that fails later is opened again.
    lines: dict[Part, Line] = {
        part: ReopeningLine(open_line=partial(make_output_line, line.backend, line.model_dump(exclude={"backend"})))
        for part, line in wanted.items()
        if line is not None
    }
    return Lights(plan=IndicatorPlan(seconds=indicator.seconds, tones=indicator.tones), lines=lines)


@contextmanager
def _wiegand(panel: WiegandPanel) -> Iterator[tuple[CardSender, list[tuple[str, Run]]]]:
    lines = [
        make_output_line(line.backend, line.model_dump(exclude={"backend"})) for line in (panel.data0, panel.data1)
    ]
    with closing(WiegandSender(WiegandOutput(data0=lines[0], data1=lines[1]))) as sender:
        yield sender, []


@contextmanager
def _osdp(
    settings: Settings, panel: OsdpPanel, seal: Seal, *, on_order: Callable[[Order], None]
) -> Iterator[tuple[CardSender, list[tuple[str, Run]]]]:
    channels, readers = osdp_modules()
    orders = PanelOrders(path=settings.storage.folder / KEY_FILE, seal=seal, on_order=on_order)
    key, indicator = orders.stored_key(), settings.indicator
    if (problem := key_problem(panel, stored=key is not None)) is not None:
        raise BackendError(problem)
    with ExitStack() as stack:
        port = stack.enter_context(closing(_open_port(panel.port, panel.baud)))
        on_wire: Callable[[bool, bytes], None] = lambda _sent, _data: None  # noqa: E731
        if panel.trace_file is not None:
            on_wire = stack.enter_context(closing(WireLog(panel.trace_file))).wire
        reader = readers.OsdpReader(
            channel=channels.OsdpChannel(port=port, on_wire=on_wire, on_problem=_complain),
            settings=readers.OsdpSettings(
                address=panel.address,
                key=key,
                install=panel.install and key is None,
                secure_only=panel.secure_only,
                shows=readers.Shows(
                    lights=bool(indicator.green or indicator.red),
                    buzzer=indicator.buzzer is not None,
                    output=indicator.output is not None,
                ),
            ),
            listener=orders,
        )
        yield reader, [("osdp", reader.run)]


def _open_port(port: str, baud: int) -> Port:
    # pyserial is an extra: it is imported only where a port is used.
    opened: Port = importlib.import_module("hw.serial_port").SerialPort(port=port, baud=baud)
    return opened


def _complain(problem: str | None) -> None:
    if problem is None:
        log.info("panel: the port works again")
    else:
        log.error("panel: %s", problem)
