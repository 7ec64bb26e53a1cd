"""The process of a Raspberry Pi's camera: takes pictures by Picamera2 and sends them to the terminal.

It is run by the system's Python with Raspberry Pi OS's package `python3-picamera2`, never imported by the terminal.
Picamera2's manual: https://datasheets.raspberrypi.com/camera/picamera2-manual.pdf; the controls:
https://libcamera.org/api-html/namespacelibcamera_1_1controls.html
"""

import json
import math
import time
from typing import Any

try:
    from picamera2 import Picamera2
except ImportError as error:
    raise SystemExit(f"{error}: apt install python3-picamera2") from None

from hw.frame_pipe import Meter, Sender

# The middle of what the quality limits let pass.
TARGET_LUMA = 120.0
MOST_STOPS = 2.0
# Half of the way each time: the camera's own control follows a value within some frames.
STEP = 0.5


def main(told: str) -> None:
    """Send pictures until the terminal closes its end. Raises SystemExit with the reason when the camera fails."""
    options = json.loads(told)
    try:
        camera = Picamera2(options["index"])
    except (IndexError, RuntimeError) as error:
        raise SystemExit(f"no such camera, or it is busy ({error})") from None
    try:
        camera.configure(configuration(camera, options))
        camera.start()
        _take(camera, Sender(options["descriptor"]))
    except BrokenPipeError:
        raise SystemExit(0) from None
    except RuntimeError as error:
        raise SystemExit(str(error)) from None
    finally:
        camera.close()


def configuration(camera: Any, options: "dict[str, Any]") -> Any:
    """Picamera2's name RGB888 is that of DRM: the bytes lie in the order blue, green, red.

    Without a queue each request is of a picture that was taken after it was asked for.
    """
    return camera.create_video_configuration(
        main={"size": (options["width"], options["height"]), "format": "RGB888"},
        controls={"FrameRate": options["fps"]},
        buffer_count=4,
        queue=False,
    )


def _take(camera: Any, sender: Sender) -> None:
    stops = 0.0
    while True:
        request = camera.capture_request()
        try:
            rows = request.make_array("main")
            taken = request.get_metadata()["SensorTimestamp"]
        finally:
            request.release()
        height, width = rows.shape[:2]
        sender.send(rows.tobytes(), width=width, height=height, taken_ns=monotonic_ns(taken))
        meter = sender.asked()
        if meter is not None:
            stops = exposure_value(stops, meter)
            camera.set_controls({"ExposureValue": stops})


def monotonic_ns(boot_ns: int) -> int:
    """libcamera's SensorTimestamp is of CLOCK_BOOTTIME, which also counts the time that the board slept."""
    return boot_ns - (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns())


def exposure_value(stops: float, meter: Meter) -> float:
    """The next ExposureValue (stops, as a photographer's) for a face that is too dark or too bright now."""
    if meter.region is None:
        return 0.0
    wanted = stops + STEP * math.log2(TARGET_LUMA / max(1.0, meter.luma))
    return max(-MOST_STOPS, min(MOST_STOPS, wanted))
