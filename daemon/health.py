"""The terminal's health in a few numbers, for MQTT and whoever else asks."""

import time
from collections.abc import Callable, Mapping

from daemon.errors import StoreError
from daemon.gallery.keeper import GalleryKeeper
from daemon.heat import read_heat
from daemon.vision.camera_state import CameraHealth
from daemon.vision.loop import VisionLoop


class HealthReport:
    """Looks at the parts when asked; keeps nothing but the time of its making.

    `stuck` says why changes of what, by its name, can't be read.
    `sharing` says how the site's people stand, where they are shared; it is there only after this is.
    """

    sharing: Callable[[], Mapping[str, object]] | None = None

    def __init__(
        self,
        *,
        vision: VisionLoop,
        gallery: GalleryKeeper,
        camera: Callable[[], CameraHealth],
        stuck: Callable[[], Mapping[str, str]] = dict,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._vision, self._gallery, self._camera, self._clock = vision, gallery, camera, clock
        self._stuck = stuck
        self._started = clock()

    def __call__(self) -> Mapping[str, object]:
        """What `/health` holds under `state`."""
        last, heat = self._vision.last_captured, read_heat()
        return {
            "running_seconds": round(self._clock() - self._started, 1),
            "people": self._gallery.current.size,
            "damaged_templates": len(self._gallery.damaged),
            "stuck": dict(self._stuck()),
            "camera": self._camera().told(),
            "frames": self._vision.frames,
            "frame_age_seconds": None if last is None else round(max(0.0, self._clock() - last), 2),
            "temperature_celsius": heat.celsius,
            "throttled": heat.throttled,
            "throttled_because": list(heat.reasons),
            "sharing": self._sharing(),
        }

    def _sharing(self) -> Mapping[str, object] | None:
        try:
            return self.sharing() if self.sharing is not None else None
        except StoreError as error:
            return {"error": str(error)}
