"""Keeps a terminal's people equal with its site's, on a thread and a connection of its own.

Of its own, because ten thousand retained people must not stand before an event on its way, and because an account that
may not read them must not cost the building its events.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from daemon.backoff import Backoff
from daemon.changes import Changes
from daemon.config.settings import Mqtt, Sharing
from daemon.errors import AutherError, StoreError
from daemon.events.messages import Alarm
from daemon.mqtt.client import build_client
from daemon.mqtt.link import Link, LinkError, Waker
from daemon.sharing.messages import SiteCodec
from daemon.sharing.people import Counts, SharedPeople
from daemon.sharing.repairs import Repairs
from daemon.sharing.session import DAY_MS, Pace, SharingSession, Tally
from daemon.sharing.site_key import SiteKey
from daemon.storage.store import Store

STABLE_SECONDS = 30.0
JOIN_SECONDS = 1.5
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
        build_client(mqtt, device_id, role="site")
        self._mqtt, self._device_id, self._site, self._on_alarm = mqtt, device_id, site, alarm
        self._people = SharedPeople(
            store=store, site=site, device_id=device_id, max_skew_ms=int(sharing.max_skew_seconds * 1000), clock=clock
        )
        self._codec = SiteCodec(site=site, base_topic=mqtt.base_topic)
        self._pace = Pace(sharing.tombstone_days * DAY_MS, sharing.reread_hours * 3600)
        self._backoff, self._repairs = backoff or Backoff(), repairs or Repairs()
        self._tally, self._sent = Tally(), 0
        self._session: SharingSession | None = None
        self._waker, self._stop = Waker(), threading.Event()
        self._changes, self._alarmed = Changes(), dict[Alarm, float]()
        self._thread = threading.Thread(target=self._run, name="sharing", daemon=True)

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
        self._thread.start()

    def close(self) -> None:
        """End; returns within 2 s whatever the broker does. What is not published stays due, on disk."""
        self._stop.set()
        self._waker.wake()
        if self._thread.ident is None:
            self._waker.close()
        else:
            self._thread.join(JOIN_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            started = time.monotonic()
            try:
                self._connect()
            except (LinkError, AutherError) as error:
                self._tell(logging.WARNING, f"{error}; changes wait on disk")
            except Exception as error:
                if self._changes.news(repr(error)):
                    log.exception("sharing: unexpected failure; trying again")
            finally:
                self._leave()
            if time.monotonic() - started > STABLE_SECONDS:
                self._backoff.reset()
            self._stop.wait(self._backoff.next())
        self._waker.close()

    def _connect(self) -> None:
        completed = self._people.join()
        client = build_client(self._mqtt, self._device_id, role="site")
        link = Link(client=client, host=self._mqtt.host, port=self._mqtt.port, waker=self._waker)
        try:
            link.open(self._stop.is_set)
            if not self._stop.is_set():
                self._serve(link, completed)
                link.disconnect()
        finally:
            link.close()

    def _serve(self, link: Link, completed: int) -> None:
        self._session = session = SharingSession(
            wire=link,
            people=self._people,
            codec=self._codec,
            device_id=self._device_id,
            pace=self._pace,
            off_too_long=0 < completed < self._people.now_ms - self._pace.keep_tombstones_ms,
            alarm=self._alarm,
            tally=self._tally,
            repairs=self._repairs,
        )
        while not self._stop.is_set():
            refusal = session.step()
            if refusal is not None:
                self._tell(logging.WARNING, f"the broker refuses shared people: {refusal}; check its ACL")
            elif session.complete:
                self._tell(logging.INFO, f"all of site {self._site.site_id} has been read")

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

    def _tell(self, level: int, state: str) -> None:
        if self._changes.news(state):
            log.log(level, "sharing: %s", state)
