"""Tells the service manager how the essential threads get on, once a second."""

import time
from collections.abc import Callable

from daemon.door.runner import DoorRunner
from daemon.gallery.keeper import GalleryKeeper
from daemon.progress import Progress, Standing, status_line
from daemon.service_manager import ServiceManager
from daemon.vision.loop import VisionLoop


class Watch:
    """Ready once vision and door have each made a turn: the strike is locked then, and the networks run."""

    def __init__(
        self,
        *,
        service: ServiceManager,
        vision: VisionLoop,
        door: DoorRunner,
        gallery: GalleryKeeper,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service, self._vision, self._door, self._gallery, self._clock = service, vision, door, gallery, clock
        self._progress, self._ready = Progress(), False
        self._frames, self._looked = 0, clock()

    def tick(self) -> None:
        """Feed the watchdog if both have made a turn since the last time. The caller is a third that has to get on."""
        now = self._clock()
        seen = self._progress.look({"vision": self._vision.turns, "door": self._door.turns}, now)
        line = status_line(self._standing(now), seen.hung)
        if not seen.moved:
            self._service.status(line)
        elif self._ready:
            self._service.alive(line)
        else:
            self._ready = True
            self._service.ready(line)

    def end(self, *, anew: bool) -> None:
        """The threads are about to stop, for good or to start anew."""
        if anew:
            self._service.reloading()
        else:
            self._service.stopping()

    def _standing(self, now: float) -> Standing:
        last, frames = self._vision.last_captured, self._vision.frames
        passed, self._looked = now - self._looked, now
        came, self._frames = frames - self._frames, frames
        return Standing(
            people=self._gallery.current.size,
            fps=came / passed if passed > 0 else 0.0,
            frame_age=None if last is None else max(0.0, now - last),
            unlocked=self._door.unlocked,
            lockdown=self._door.lockdown_on,
        )
