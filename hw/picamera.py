"""A Raspberry Pi's CSI cameras, by Picamera2."""

from hw.process_camera import SYSTEM_PYTHON, ProcessCamera

ADVICE = "check the ribbon cable, and that `rpicam-hello --list-cameras` lists it and no other program uses it"


class PiCamera(ProcessCamera):
    """A CSI camera of a Raspberry Pi; a frame's times are those at which its first row was exposed.

    It exposes for the face by its exposure value, since libcamera knows no metering region there.
    """

    def __init__(
        self, *, index: int, width: int, height: int, fps: float, timeout_seconds: float, python: str = SYSTEM_PYTHON
    ) -> None:
        super().__init__(
            program="picamera_source",
            options={"index": index, "width": width, "height": height, "fps": fps},
            label=f"Raspberry Pi camera {index}",
            advice=ADVICE,
            timeout_seconds=timeout_seconds,
            python=python,
        )
