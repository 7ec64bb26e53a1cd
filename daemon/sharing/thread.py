"""Keeps a terminal's people equal with its site's, on a thread and a connection of its own.

Of its own, because ten thousand retained people must not stand before an event on its way, and because an account that
may not read them must not cost the building its events.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from daemon.backoff import Backoff
from daemon.config.settings import Mqtt, Sharing
from daemon.errors import StoreError
from daemon.events.messages import Alarm
from daemon.mqtt.keeper import LinkKeeper
from daemon.mqtt.link import Link
from daemon.sharing.messages import SiteCodec
from daemon.sharing.people import Counts, SharedPeople
from daemon.sharing.repairs import Repairs
from daemon.sharing.session import DAY_MS, Pace, SharingSession, Tally
from daemon.sharing.site_key import SiteKey
from daemon.storage.store import Store

ALARM_SECONDS = 3600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SharingState:
    """How sharing stands: `complete` once all that the site retains was read over the present connection.

    `overruled` counts changes made here that lost to a later one elsewhere before they were told; for the others see
    `Tally` and `Counts`.
    """

    site_id: str
    connected: bool
    complete: bool
    idle: bool
    sent: int
    received: int
    applied: int
    refused: int
    ahead: int
    older: int
    overruled: int
    discarded: int
    counts: Counts


class Sharer:
    """Shares the people of a store for as long as it runs; the broker may be absent at any time.

    What anybody changes in the store, in this process or another one, is found by its change marker within a second.
    `alarm` gets each kind of alarm once an hour at most, on the sharing thread. Raises ConfigError when the settings
    can't work.
    """

    def __init__(
        self,
        *,
        store: Store,
        site: SiteKey,
        sharing: Sharing,
        mqtt: Mqtt,
        device_id: str,
        alarm: Callable[[Alarm, str], None],
        clock: Callable[[], float] = time.time,
        backoff: Backoff | None = None,
        repairs: Repairs | None = None,
    ) -> None:
        self._device_id, self._site, self._on_alarm = device_id, site, alarm
        self._people = SharedPeople(
            store=store, site=site, device_id=device_id, max_skew_ms=int(sharing.max_skew_seconds * 1000), clock=clock
        )
        self._codec = SiteCodec(site=site, base_topic=mqtt.base_topic)
        self._pace = Pace(sharing.tombstone_days * DAY_MS, sharing.reread_hours * 3600)
        self._repairs = repairs or Repairs()
        self._tally, self._sent = Tally(), 0
        self._session: SharingSession | None = None
        self._completed = 0
        self._alarmed = dict[Alarm, float]()
        self._keeper = LinkKeeper(
            name="sharing",
            log=log,
            role="site",
            settings=mqtt,
            device_id=device_id,
            prepare=self._join,
            serve=self._serve,
            left=self._leave,
            waiting="changes wait on disk",
            backoff=backoff,
        )

    @property
    def state(self) -> SharingState:
        """As it is now. Raises StoreError."""
        session, tally = self._session, self._tally
        return SharingState(
            site_id=self._site.site_id,
            connected=session is not None,
            complete=session is not None and session.complete,
            idle=session is not None and session.idle,
            sent=self._sent + (session.sent if session is not None else 0),
            received=tally.received,
            applied=tally.applied,
            refused=tally.refused,
            ahead=tally.ahead,
            older=tally.older,
            overruled=self._people.overruled,
            discarded=tally.discarded,
            counts=self._people.counts(),
        )

    def start(self) -> None:
        """Begin; returns at once."""
        self._keeper.start()

    def close(self) -> None:
        """End; returns within 2 s whatever the broker does. What is not published stays due, on disk."""
        self._keeper.close()

    def _join(self) -> None:
        self._completed = self._people.join()

    def _serve(self, link: Link) -> None:
        self._session = session = SharingSession(
            wire=link,
            people=self._people,
            codec=self._codec,
            device_id=self._device_id,
            pace=self._pace,
            off_too_long=0 < self._completed < self._people.now_ms - self._pace.keep_tombstones_ms,
            alarm=self._alarm,
            tally=self._tally,
            repairs=self._repairs,
        )
        while not self._keeper.stopping:
            refusal = session.step()
            if refusal is not None:
                self._keeper.tell(logging.WARNING, f"the broker refuses shared people: {refusal}; check its ACL")
            elif session.complete:
                self._keeper.tell(logging.INFO, f"all of site {self._site.site_id} has been read")

    def _leave(self) -> None:
        if self._session is not None:
            self._sent += self._session.sent
            self._session = None

    def _alarm(self, alarm: Alarm, detail: str) -> None:
        now = time.monotonic()
        if now - self._alarmed.get(alarm, now - ALARM_SECONDS) >= ALARM_SECONDS:
            self._alarmed[alarm] = now
            log.error("sharing: %s: %s", alarm, detail)
            try:
                self._on_alarm(alarm, detail)
            except StoreError as error:
                log.error("sharing: the alarm was lost: %s", error)
