"""What the terminal takes up from its files each second; a file that can't be read leaves what is in memory."""

import logging
from collections.abc import Callable, Mapping

from daemon.errors import StoreError

log = logging.getLogger(__name__)


class Refreshing:
    """Calls each of `refresh`, by name, whatever the others do. One that raises StoreError is logged when that begins,
    changes and ends, and is asked again the next time.
    """

    def __init__(self, refresh: Mapping[str, Callable[[], object]]) -> None:
        self._refresh = refresh
        self._stuck: Mapping[str, str] = {}

    def stuck(self) -> Mapping[str, str]:
        """Why what could not be taken up the last time, by name."""
        return self._stuck

    def __call__(self) -> None:
        """To be called about each second."""
        stuck: dict[str, str] = {}
        for name, refresh in self._refresh.items():
            try:
                refresh()
            except StoreError as error:
                stuck[name] = str(error)
                if self._stuck.get(name) != str(error):
                    log.error("%s: goes on as it was, what is changed is not taken up: %s", name, error)
            else:
                if name in self._stuck:
                    log.info("%s: changes are taken up again", name)
        self._stuck = stuck
