"""Does the camera open, and what does it deliver?"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing

from daemon.config.settings import Settings
from daemon.desk import open_camera
from daemon.doctor.finding import Finding, fine, problem, warning
from hw.errors import EndOfStream

LOOK_SECONDS = 1.0
# Below this, five live and three agreeing frames take longer than a person likes to wait.
SLOW_FPS = 10.0


def look_at_camera(settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> Iterator[Finding]:
    """Open it and count frames for a second. Raises BackendError and CameraError."""
    with closing(open_camera(settings)) as camera:
        first = camera.read()
        height, width = first.image.shape[:2]
        started, count = clock(), 0
        while clock() - started < LOOK_SECONDS:
            try:
                camera.read()
            except EndOfStream:
                break
            count += 1
        # A recording of one frame is over in no time.
        fps = count / max(clock() - started, 0.001)
    if settings.camera.backend == "replay":
        yield warning(
            "camera",
            f"{settings.camera.path}: a recording of {width}×{height} plays in place of a camera",
            'for a real door set camera.backend = "webcam"',
        )
    elif count == 0:
        yield problem("camera", "one frame came and no other within a second", "check cable, power and bandwidth")
    elif fps < SLOW_FPS:
        yield warning(
            "camera",
            f"{width}×{height}, only {fps:.0f} frames/s",
            "more light, a smaller camera.width and camera.height, or a USB port of its own",
        )
    else:
        yield fine("camera", f"{width}×{height}, {fps:.0f} frames/s")
    if first.image.max() == 0:
        yield warning("camera", "the picture is black", "take the cap off, give it light")
