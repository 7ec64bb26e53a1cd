"""How long to wait before trying again."""

import random
from collections.abc import Callable


class Backoff:
    """Exponential waits with jitter, so that a thousand terminals don't all come back in the same second.

    The n-th wait is between half and the whole of `shortest * 2**n` seconds, at most `longest`.
    """

    def __init__(
        self, *, shortest: float = 1.0, longest: float = 60.0, uniform: Callable[[float, float], float] = random.uniform
    ) -> None:
        self._shortest, self._longest, self._uniform = shortest, longest, uniform
        self._next = shortest

    def next(self) -> float:
        """Seconds to wait now; the next answer is about twice as long."""
        wait, self._next = self._next, min(self._next * 2, self._longest)
        return self._uniform(wait / 2, wait)

    def reset(self) -> None:
        """What was tried works again."""
        self._next = self._shortest
