"""The section `[camera]`: which camera it is and how it is watched."""

from typing import Annotated, Literal

from pydantic import Field

from daemon.config.base import FilePath, Seconds, Section


class AnyCamera(Section):
    """What holds for every camera."""

    idle_fps: Annotated[float, Field(ge=0, le=120)] = Field(
        2.0, description="Frames a second that are looked at while nothing moves and nobody is there; 0: always all."
    )
    hold_seconds: Seconds = Field(5.0, description="After motion or a face, every frame is looked at for so long.")
    frozen_seconds: Annotated[float, Field(ge=0, le=3600)] = Field(
        20.0,
        description="A picture that repeats bit by bit for so long is frozen; 0: never. More than the time between two"
        " full pictures (key frames) of an IP camera.",
    )

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height that its pictures have to have, if they are asked for."""
        return None

    @property
    def has_depth(self) -> bool:
        """Whether its frames carry depth: none of the back ends there are has a sensor for it yet."""
        return False

    def options(self) -> dict[str, object]:
        """What the device itself is made of."""
        return self.model_dump(exclude={"backend", *AnyCamera.model_fields})


class WebcamCamera(AnyCamera):
    """A camera that OpenCV can open: a V4L2 device, an RTSP or an HTTP stream."""

    backend: Literal["webcam"]
    source: Annotated[int, Field(ge=0)] | Annotated[str, Field(min_length=1)] = Field(
        0, description="Index of the V4L2 device (0 is /dev/video0), or an address (`rtsp://…`, `http://…`)."
    )
    width: Annotated[int, Field(ge=160, le=3840)] = Field(640, description="Width asked of a V4L2 device, pixels.")
    height: Annotated[int, Field(ge=120, le=2160)] = Field(480, description="Height asked of a V4L2 device, pixels.")
    fps: Annotated[float, Field(ge=1, le=120)] = Field(30.0, description="Frame rate asked of a V4L2 device.")
    timeout_seconds: Seconds = Field(5.0, description="How long a frame may take before the camera is opened anew.")

    @property
    def size(self) -> tuple[int, int] | None:
        # An address has the size that its camera is set to.
        return None if isinstance(self.source, str) and "://" in self.source else (self.width, self.height)


class BoardCamera(AnyCamera):
    """A camera at the board's own connector, which delivers the size that it is asked for."""

    width: Annotated[int, Field(ge=160, le=3840)] = Field(640, description="Width of the picture, pixels.")
    height: Annotated[int, Field(ge=120, le=2160)] = Field(480, description="Height of the picture, pixels.")
    fps: Annotated[float, Field(ge=1, le=120)] = Field(30.0, description="Frames a second.")
    timeout_seconds: Seconds = Field(5.0, description="How long a frame may take before the camera is opened anew.")

    @property
    def size(self) -> tuple[int, int] | None:
        return (self.width, self.height)


class PiCamera(BoardCamera):
    """A camera at a Raspberry Pi's CSI connector, by Picamera2 (`apt install python3-picamera2`)."""

    backend: Literal["picamera2"]
    index: Annotated[int, Field(ge=0, le=7)] = Field(0, description="Which camera, as `rpicam-hello --list-cameras`.")


class ArgusCamera(BoardCamera):
    """A camera at a Jetson's CSI connector, by GStreamer (`apt install python3-gi gir1.2-gstreamer-1.0`)."""

    backend: Literal["argus"]
    sensor_id: Annotated[int, Field(ge=0, le=7)] = Field(0, description="Which camera.")


class GStreamerCamera(BoardCamera):
    """Any source that GStreamer has, by the same way as a Jetson's camera."""

    backend: Literal["gstreamer"]
    source: Annotated[str, Field(min_length=1)] = Field(
        description="The source's elements as for gst-launch, e.g. `v4l2src device=/dev/video2 ! jpegdec`."
    )


class ReplayCamera(AnyCamera):
    """A video file or a folder of pictures in place of a camera: for demonstrations, tests and commissioning."""

    backend: Literal["replay"]
    path: FilePath = Field(
        description="The video file, or the folder whose pictures are played in the order of their names."
    )
    realtime: bool = Field(True, description="`false`: as fast as possible, and no frame is dropped.")
    loop: bool = Field(False, description="Start again at the end; otherwise the daemon ends with the recording.")
    fps: Annotated[float, Field(ge=1, le=120)] = Field(30.0, description="Frame rate of a folder of pictures.")


Camera = Annotated[
    WebcamCamera | PiCamera | ArgusCamera | GStreamerCamera | ReplayCamera, Field(discriminator="backend")
]
