"""The terminal's health in a few numbers, for MQTT and whoever else asks."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from daemon.errors import StoreError
from daemon.gallery.keeper import GalleryKeeper
from daemon.vision.loop import VisionLoop

THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")


class HealthReport:
    """Looks at the parts when asked; keeps nothing but the time of its making.

    `sharing` says how the site's people stand, where they are shared; it is there only after this is.
    """

    sharing: Callable[[], Mapping[str, object]] | None = None

    def __init__(
        self, *, vision: VisionLoop, gallery: GalleryKeeper, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._vision, self._gallery, self._clock = vision, gallery, clock
        self._started = clock()

    def __call__(self) -> Mapping[str, object]:
        """What `/health` holds under `state`."""
        last = self._vision.last_captured
        return {
            "running_seconds": round(self._clock() - self._started, 1),
            "people": self._gallery.current.size,
            "damaged_templates": len(self._gallery.damaged),
            "frames": self._vision.frames,
            "frame_age_seconds": None if last is None else round(max(0.0, self._clock() - last), 2),
            "temperature_celsius": temperature_celsius(),
            "sharing": self._sharing(),
        }

    def _sharing(self) -> Mapping[str, object] | None:
        try:
            return self.sharing() if self.sharing is not None else None
        except StoreError as error:
            return {"error": str(error)}


def temperature_celsius() -> float | None:
    """The processor's, where the machine tells."""
    try:
        return int(THERMAL.read_text()) / 1000
    except (OSError, ValueError):
        return None
