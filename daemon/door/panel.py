"""Tells an existing panel who was granted: the person's card over Wiegand or OSDP, from a thread of its own."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from daemon.config.readers import OsdpPanel
from daemon.drafts import write_whole
from daemon.errors import StoreError
from daemon.events.building_events import EventType
from daemon.events.door_changes import DoorEvent
from daemon.log_line import fields
from daemon.rules.credentials import Card, Seal
from daemon.types import Decision
from hw.errors import LineError
from hw.osdp_orders import Order
from hw.wiegand import WiegandError, WiegandFormat

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
# Of the panel's key, in the store's folder.
KEY_FILE = "osdp.key"
_BOUND_TO = b"auther osdp key 1"


class CardSender(Protocol):
    """A way to a panel."""

    def card(self, bits: Sequence[int]) -> None:
        """Send a card's message. May wait for its end. Raises LineError."""
        ...

    def tamper(self, tampered: bool) -> None: ...


class PanelLink:
    """Hears what the door tells and passes grants and tamper on; never makes the door wait."""

    def __init__(
        self, *, sender: CardSender, card_of: Callable[[str], Card | None], card_format: WiegandFormat
    ) -> None:
        self._sender, self._card_of, self._format = sender, card_of, card_format
        self._waiting: queue.SimpleQueue[Decision | bool] = queue.SimpleQueue()

    def tell(self, decision: Decision, driven: float | None = None) -> None:
        """A grant is the person's card; a strike that was not driven (`driven` None) is no grant."""
        if decision.granted and driven is not None:
            self._waiting.put(decision)

    def tell_event(self, event: DoorEvent) -> None:
        """The panel hears of the housing."""
        if event.type in (EventType.TAMPER, EventType.TAMPER_ENDED):
            self._waiting.put(event.type is EventType.TAMPER)

    def tell_door(self, *, locked: bool, lockdown: bool, is_open: bool | None) -> None:
        """A panel has a contact of its own."""

    def run(self, stop: threading.Event) -> None:
        """Serve until told to stop."""
        while not stop.is_set():
            try:
                told = self._waiting.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            if isinstance(told, bool):
                self._sender.tamper(told)
            else:
                self._send(told)

    def _send(self, decision: Decision) -> None:
        card = self._card_of(decision.person_id) if decision.person_id is not None else None
        if card is None:
            log.warning("panel: a person without a card; give them one", extra=fields(person=decision.person_id))
            return
        try:
            self._sender.card(self._format.encode(card.facility, card.number))
        except (LineError, WiegandError) as error:
            log.error("panel: a card was not sent: %s", error, extra=fields(person=decision.person_id))


def key_problem(panel: OsdpPanel, *, stored: bool) -> str | None:
    """Why no OSDP panel could ever speak with the terminal, and what to do; None if one can."""
    if stored or panel.install or not panel.secure_only:
        return None
    return (
        "panel: only the secure channel is allowed, and no panel has set its key yet; set panel.install = true until"
        " one has, or panel.secure_only = false for a panel that knows no secure channel"
    )


class PanelOrders:
    """What an OSDP panel orders: its key is stored sealed, the rest is handed to `on_order`."""

    def __init__(self, *, path: Path, seal: Seal, on_order: Callable[[Order], None]) -> None:
        self._path, self._seal, self._on_order = path, seal, on_order

    def stored_key(self) -> bytes | None:
        """The secure channel's key that the panel has set. Raises StoreError."""
        if not self._path.exists():
            return None
        try:
            return self._seal.open(self._path.read_bytes(), _BOUND_TO)
        except Exception as error:
            raise StoreError(
                f"{self._path}: is damaged or was made with another key; move it away, set panel.install and let the"
                " panel set a key anew"
            ) from error

    def key(self, key: bytes) -> bool:
        write_whole(self._path, self._seal.seal(key, _BOUND_TO))
        log.warning("panel: a new secure channel key was set; take panel.install out of the configuration")
        return True

    def order(self, order: Order) -> None:
        """Hand on."""
        self._on_order(order)
