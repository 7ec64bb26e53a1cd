"""Whether the essential threads get on, and how the terminal stands in one line. Without clock, socket or thread."""

from collections.abc import Mapping
from dataclasses import dataclass, field

NAMED_AFTER_SECONDS = 3.0
BLIND_AFTER_SECONDS = 5.0


@dataclass(frozen=True)
class Seen:
    """What one look at the threads came to: `moved` are all of them; `hung` are not moving, since so many seconds."""

    moved: bool
    hung: Mapping[str, float] = field(default_factory=dict)


class Progress:
    """Compares how many turns each essential thread has made with how many it had made before.

    A turn of the vision thread is a frame through the networks, or half a second in which none came: a camera that is
    away is healed by whoever keeps it, and no restart would bring it back. A turn of the door's thread is a request
    served, or half a second without one. A thread that hangs inside a turn makes none.
    """

    def __init__(self) -> None:
        self._before: Mapping[str, int] = {}
        self._moved: dict[str, float] = {}

    def look(self, turns: Mapping[str, int], now: float) -> Seen:
        """`moved` where each thread has made a turn since it was last so; `now` is monotonic, in seconds."""
        waiting = {name for name, count in turns.items() if count == self._before.get(name, 0)}
        for name in turns:
            if name not in waiting or name not in self._moved:
                self._moved[name] = now
        if not waiting:
            self._before = dict(turns)
            return Seen(moved=True)
        late = {name: now - self._moved[name] for name in sorted(waiting)}
        return Seen(moved=False, hung={name: age for name, age in late.items() if age >= NAMED_AFTER_SECONDS})


@dataclass(frozen=True)
class Standing:
    """How the terminal stands; `frame_age` (seconds) is None before the first frame."""

    people: int
    fps: float
    frame_age: float | None
    unlocked: bool
    lockdown: bool


def status_line(standing: Standing, hung: Mapping[str, float]) -> str:
    """For `systemctl status`: what is wrong comes first."""
    if hung:
        return "; ".join(f"the {name} thread has not moved for {age:.0f} s" for name, age in hung.items())
    door = "locked down" if standing.lockdown else "unlocked" if standing.unlocked else "locked"
    people = f"door {door}; {standing.people} people enrolled"
    if standing.frame_age is None:
        return f"no frame of the camera yet; {people}"
    if standing.frame_age >= BLIND_AFTER_SECONDS:
        return f"no frame of the camera any more; {people}"
    return f"{people}; {standing.fps:.0f} frames/s"
