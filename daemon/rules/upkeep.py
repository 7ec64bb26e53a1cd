"""What the rules know is kept as it is on disk, and what is on disk as it is in the rules."""

import logging

from daemon.errors import StoreError
from daemon.rules.control import AccessControl
from daemon.rules.credentials import CredentialBook
from daemon.rules.inside import InsideFile
from daemon.rules.people import PeopleDirectory
from daemon.storage.store import Store

log = logging.getLogger(__name__)


class Upkeep:
    """The one place where an erasure, whoever made it (command line, REST, another terminal), reaches cards and PINs.

    They go within about a second while the terminal runs, else when it starts; `auther remove` does not wait for that.
    """

    def __init__(
        self,
        *,
        store: Store,
        people: PeopleDirectory,
        credentials: CredentialBook,
        access: AccessControl,
        inside: InsideFile,
    ) -> None:
        self._store, self._people, self._credentials = store, people, credentials
        self._access, self._inside = access, inside
        self._erase = True

    def refresh(self) -> None:
        """Take up what any process has changed; to be called about each second. Raises StoreError."""
        changed = self._people.refresh()
        self._erase = self._credentials.refresh() or changed or self._erase
        if self._erase:
            self._forget_erased()
        self._inside.save(self._access.entered())

    def close(self) -> None:
        """Keep who is inside for the next start."""
        self._inside.save(self._access.entered())

    def _forget_erased(self) -> None:
        known = {*self._credentials.people, *self._access.entered()}
        gone = self._store.absent(known)
        for person_id in gone:
            self._access.left(person_id)
        try:
            self._credentials.remove(*gone)
        except StoreError as error:
            log.error("cards and PINs of people who were erased are still there: %s", error)
            return
        self._erase = False
