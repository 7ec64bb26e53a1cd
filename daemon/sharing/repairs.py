"""What the broker holds wrongly of people whom this terminal knows better: mended a little later, by one of all.

Every terminal of a site sees the same fault at the same moment. Each waits for a random time and stands back when
another one's message comes first, so that a thousand terminals don't all send the same. No I/O.
"""

import random
from collections.abc import Callable
from enum import Enum

SPREAD_SECONDS = 10.0
REPEAT_SECONDS = 60.0


class Mend(Enum):
    """What to do: publish what is held again, or erase it here."""

    OFFER = "offer"
    DISCARD = "discard"


class Repairs:
    """At most one pending repair a person, and one a minute; times are monotonic seconds."""

    def __init__(
        self,
        *,
        spread: float = SPREAD_SECONDS,
        repeat: float = REPEAT_SECONDS,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._spread, self._repeat, self._uniform = spread, repeat, uniform
        self._pending: dict[bytes, tuple[float, Mend]] = {}
        self._last: dict[bytes, float] = {}

    @property
    def pending(self) -> int:
        return len(self._pending)

    def put(self, person_hash: bytes, mend: Mend, now: float) -> None:
        """Mend that person's message by and by; a repair that is pending stays as it is."""
        if person_hash not in self._pending:
            earliest = self._last.get(person_hash, now - self._repeat) + self._repeat
            self._pending[person_hash] = (max(earliest, now + self._uniform(0, self._spread)), mend)

    def cancel(self, person_hash: bytes) -> None:
        """The broker holds what it should."""
        self._pending.pop(person_hash, None)

    def take(self, now: float, limit: int) -> list[tuple[bytes, Mend]]:
        """The repairs whose time has come."""
        ready = [(each, mend) for each, (due, mend) in self._pending.items() if due <= now][:limit]
        self._last = {each: at for each, at in self._last.items() if now - at < self._repeat}
        for each, _ in ready:
            del self._pending[each]
            self._last[each] = now
        return ready
