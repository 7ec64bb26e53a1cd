"""The newest glance, handed from the vision thread to whoever looks: it never waits for one of them."""

import threading

from daemon.types import Glance


class LiveView:
    """Holds one glance; a newer one takes its place. Any thread may look."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._newest: Glance | None = None

    @property
    def newest(self) -> Glance | None:
        """None before the first frame."""
        return self._newest

    def show(self, glance: Glance) -> None:
        """Put this glance in place of the last; the lock is held for no more than that."""
        with self._changed:
            self._newest = glance
            self._changed.notify_all()

    def wait(self, last: Glance | None, timeout: float) -> Glance | None:
        """A glance other than `last`, or None when none comes within `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not last, timeout)
            return None if self._newest is last else self._newest
