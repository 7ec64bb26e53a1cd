"""What the rules know is kept as it is on disk, and what is on disk as it is in the rules."""

import logging
import time
from collections.abc import Callable

from daemon.errors import StoreError
from daemon.rules.control import AccessControl
from daemon.rules.credentials import CredentialBook
from daemon.rules.inside import InsideFile
from daemon.rules.people import PeopleDirectory
from daemon.storage.departures import GRACE_HOURS, Departures
from daemon.storage.store import Store

log = logging.getLogger(__name__)

HOUR = 3600.0
MISSING = (
    "%d people with a card or PIN, or inside, are not in the store: was it made anew, or an older backup restored? "
    "Restore the right one within %d days; `auther cards remove` and `auther pin remove` forget somebody at once"
)


class Upkeep:
    """The one place where an erasure, whoever made it (command line, REST, another terminal), reaches cards and PINs.

    They go within about a second while the terminal runs, else when it starts; `auther remove` does not wait for that.
    Those of somebody who is missing without having been removed stay for a while: see `daemon.storage.departures`.
    """

    def __init__(
        self,
        *,
        store: Store,
        people: PeopleDirectory,
        credentials: CredentialBook,
        access: AccessControl,
        inside: InsideFile,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._departures, self._people, self._credentials = Departures(file=store.file), people, credentials
        self._access, self._inside, self._clock = access, inside, clock
        self._erase, self._missing = True, 0
        self._counted = clock()

    def refresh(self) -> None:
        """Take up what any process has changed; to be called about each second. Raises StoreError."""
        changed = self._people.refresh()
        hours = int((self._clock() - self._counted) // HOUR)
        self._erase = self._credentials.refresh() or changed or self._erase or (hours > 0 and self._missing > 0)
        if self._erase:
            self._forget_departed(hours)
        self._inside.save(self._access.entered())

    def close(self) -> None:
        """Keep who is inside for the next start."""
        self._inside.save(self._access.entered())

    def _forget_departed(self, hours: int) -> None:
        departed = self._departures.among({*self._credentials.people, *self._access.entered()})
        for person_id in departed.gone:
            self._access.left(person_id)
        try:
            self._credentials.remove(*departed.gone)
        except StoreError as error:
            log.error("cards and PINs of people who were erased are still there: %s", error)
            return
        self._departures.settle(departed, hours=hours)
        self._counted += hours * HOUR
        if len(departed.missing) > self._missing:
            log.warning(MISSING, len(departed.missing), GRACE_HOURS // 24)
        self._missing = len(departed.missing)
        self._erase = False
