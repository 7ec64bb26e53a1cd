"""Which event has a picture that was kept of it. The archive's records are sealed, so each is opened once and noted."""

import threading
from collections.abc import Collection

from daemon.enrolment.images import ImageArchive, KeptImage


class EventPictures:
    """Any thread may ask. Raises StoreError."""

    def __init__(self, *, archive: ImageArchive) -> None:
        self._archive = archive
        self._lock = threading.Lock()
        self._events: dict[tuple[int, bytes], str] = {}

    def kept(self) -> Collection[str]:
        """The event_ids of which there is a picture."""
        return {event for event in self._refreshed().values() if event}

    def of(self, event_id: str) -> KeptImage | None:
        """The picture of an event, unless none was kept or its time is over."""
        found = [number for (number, _), event in self._refreshed().items() if event == event_id]
        return self._archive.find(found[-1]) if found else None

    def _refreshed(self) -> dict[tuple[int, bytes], str]:
        with self._lock:
            present = self._archive.marks()
            events = {mark: self._events[mark] for mark in present if mark in self._events}
            for number, mark in present:
                if (number, mark) not in events:
                    image = self._archive.find(number)
                    events[number, mark] = "" if image is None else image.event_id
            self._events = events
            return events
