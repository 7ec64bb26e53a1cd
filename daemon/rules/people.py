"""What the rules know of people: a snapshot in memory, so that no disk stands between a face and the door."""

import logging
import threading
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from daemon.errors import AutherError, PersonNotFound
from daemon.log_line import fields
from daemon.storage.people import Person
from daemon.storage.store import Store

log = logging.getLogger(__name__)


class PeopleDirectory:
    """Replaced as a whole when the store has changed; any thread may look somebody up."""

    def __init__(self, *, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._marker: int | None = None
        self._people: Mapping[str, Person] = MappingProxyType({})
        self.refresh()

    def find(self, person_id: str) -> Person | None:
        """Who has been enrolled or made active since the last `refresh` is asked of the store; one that can't be read
        is logged and knows nobody."""
        known = self._people.get(person_id)
        if known is not None and known.active:
            return known
        try:
            return self._store.person(person_id)
        except PersonNotFound:
            return None
        except AutherError as error:
            log.error("%s", error, extra=fields(person=person_id))
            return None

    def all(self) -> Sequence[Person]:
        """Everybody, by person_id."""
        return sorted(self._people.values(), key=lambda person: person.person_id)

    def refresh(self) -> bool:
        """Take up what any process has changed; cheap when nothing was. True when the snapshot was replaced."""
        with self._lock:
            marker = self._store.change_marker()
            if marker == self._marker:
                return False
            self._people = MappingProxyType({person.person_id: person for person in self._store.people()})
            self._marker = marker
            return True
