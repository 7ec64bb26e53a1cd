"""Cameras by GStreamer's appsink: a Jetson's CSI cameras through Argus, and any other source that GStreamer has."""

from hw.process_camera import SYSTEM_PYTHON, ProcessCamera

ARGUS_ADVICE = (
    "check the ribbon cable and that `nvargus_nvraw --lps` lists the sensor; then `systemctl restart nvargus-daemon`"
)
GSTREAMER_ADVICE = "try the source with gst-launch-1.0"


class GStreamerCamera(ProcessCamera):
    """Frames of a description of elements as for gst-launch, made `width` × `height` pixels, `fps` a second at most.

    A frame's times are those at which it came into the pipeline.
    """

    def __init__(
        self, *, source: str, width: int, height: int, fps: float, timeout_seconds: float, python: str = SYSTEM_PYTHON
    ) -> None:
        scaled = f"{source} ! videoconvert ! videoscale ! videorate drop-only=true max-rate={round(fps)}"
        super().__init__(
            program="gstreamer_source",
            options={"pipeline": f"{scaled} ! {_appsink(width, height)}", "size": (width, height)},
            label=f"GStreamer source {source.split(maxsplit=1)[0]}",
            advice=GSTREAMER_ADVICE,
            timeout_seconds=timeout_seconds,
            python=python,
        )


class ArgusCamera(ProcessCamera):
    """A CSI camera of a Jetson; it exposes for the face.

    The elements: https://docs.nvidia.com/jetson/archives/r36.3/DeveloperGuide/SD/Multimedia/AcceleratedGstreamer.html
    """

    def __init__(
        self,
        *,
        sensor_id: int,
        width: int,
        height: int,
        fps: float,
        timeout_seconds: float,
        python: str = SYSTEM_PYTHON,
    ) -> None:
        super().__init__(
            program="gstreamer_source",
            options={
                "pipeline": argus_pipeline(sensor_id=sensor_id, width=width, height=height, fps=fps),
                "size": (width, height),
            },
            label=f"Argus camera {sensor_id}",
            advice=ARGUS_ADVICE,
            timeout_seconds=timeout_seconds,
            python=python,
        )


def argus_pipeline(*, sensor_id: int, width: int, height: int, fps: float) -> str:
    """The picture leaves the GPU's memory as BGRx, since nvvidconv knows no BGR."""
    taken = f"video/x-raw(memory:NVMM),format=NV12,width={width},height={height},framerate={round(fps)}/1"
    return (
        f"nvarguscamerasrc name=source sensor-id={sensor_id} ! {taken} ! nvvidconv ! video/x-raw,format=BGRx"
        f" ! videoconvert ! {_appsink(width, height)}"
    )


def _appsink(width: int, height: int) -> str:
    caps = f"video/x-raw,format=BGR,width={width},height={height}"
    return f"{caps} ! appsink name=sink max-buffers=1 drop=true sync=false"
