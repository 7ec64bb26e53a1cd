"""The windows of the unlock schedule, and whether a lock command has ended the one that is on, across restarts."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from daemon.door.memory import MarkFile

# Windows begin and end at whole minutes; what was on for so long is on all week.
STEP = timedelta(minutes=1)
LONGEST = timedelta(days=8)


class FreeAccess:
    """`covers` says whether an aware moment lies in a window."""

    def __init__(
        self,
        *,
        covers: Callable[[datetime], bool],
        mark: MarkFile,
        wall: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self._covers, self._mark, self._wall = covers, mark, wall

    def is_on(self) -> bool:
        """Whether there is a window now."""
        return self._covers(self._wall())

    def was_ended(self) -> bool:
        """Whether the run before had locked the door within the window that is still on; for the start."""
        if not self._mark.load():
            return False
        since = self._mark.since
        return since is None or self._on_since(datetime.fromtimestamp(since, timezone.utc))

    def keep(self, ended: bool) -> None:
        """Remember for the next start whether the window that is on was ended; wants to be told about each second."""
        if ended is not self._mark.last:
            self._mark.save(ended)

    def _on_since(self, since: datetime) -> bool:
        now = self._wall()
        moment = max(since, now - LONGEST)
        # A clock that was set back leaves nothing to ask: the door stays locked.
        while moment <= now:
            if not self._covers(moment):
                return False
            moment += STEP
        return True
