"""What happens at the terminal, told live to whoever listens at the moment."""

from collections.abc import Callable, Mapping, Sequence

from daemon.events.broadcast import Broadcast

LISTENERS = 8

Happening = Mapping[str, object]


class LiveFeed(Broadcast[Happening]):
    """Passes on to `outlets`, in their order, and to those who listen."""

    def __init__(self, *, outlets: Sequence[Callable[[Happening], None]] = ()) -> None:
        super().__init__(limit=LISTENERS)
        self._outlets = tuple(outlets)
        self._door: Happening | None = None

    @property
    def door(self) -> Happening | None:
        """How the door stood when it was told last."""
        return self._door

    def tell(self, value: Happening) -> None:
        """Hand on; returns at once as far as listeners go."""
        if value.get("kind") == "door":
            self._door = value
        for outlet in self._outlets:
            outlet(value)
        super().tell(value)
