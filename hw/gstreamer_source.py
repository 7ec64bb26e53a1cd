"""The process of a GStreamer camera: pulls pictures out of a pipeline's appsink and sends them to the terminal.

It is run by the system's Python with PyGObject (`python3-gi`, `gir1.2-gstreamer-1.0`), never imported by the terminal.
"""

import json
from typing import Any

try:
    import gi

    gi.require_version("Gst", "1.0")
    from gi.repository import Gst
except (ImportError, ValueError) as error:
    raise SystemExit(f"{error}: apt install python3-gi gir1.2-gstreamer-1.0 gstreamer1.0-plugins-good") from None

from hw.frame_pipe import Meter, Sender

POLL_NS = 100_000_000
PIXEL = 3


def main(told: str) -> None:
    """Send pictures until the terminal closes its end, or the pipeline fails. Raises SystemExit with the reason."""
    options = json.loads(told)
    Gst.init(None)
    try:
        pipeline = Gst.parse_launch(options["pipeline"])
    except Exception as error:
        raise SystemExit(f"the pipeline can't be made: {error}") from None
    # Its times are then those of CLOCK_MONOTONIC, which the terminal lives by.
    pipeline.use_clock(Gst.SystemClock.obtain())
    try:
        pipeline.set_state(Gst.State.PLAYING)
        _pull(pipeline, Sender(options["descriptor"]), options["size"])
    except BrokenPipeError:
        raise SystemExit(0) from None
    finally:
        pipeline.set_state(Gst.State.NULL)


def _pull(pipeline: Any, sender: Sender, size: "tuple[int, int]") -> None:
    sink, bus, source = pipeline.get_by_name("sink"), pipeline.get_bus(), pipeline.get_by_name("source")
    while True:
        sample = sink.emit("try-pull-sample", POLL_NS)
        if sample is not None:
            _send(sample, base=pipeline.get_base_time(), sender=sender)
        elif (message := bus.pop_filtered(Gst.MessageType.ERROR | Gst.MessageType.EOS)) is not None:
            raise SystemExit(_reason(message))
        meter = sender.asked()
        if meter is not None and source is not None and source.find_property("aeregion") is not None:
            source.set_property("aeregion", ae_region(meter, size))


def _send(sample: Any, *, base: int, sender: Sender) -> None:
    shape = sample.get_caps().get_structure(0)
    width, height = shape.get_value("width"), shape.get_value("height")
    buffer = sample.get_buffer()
    taken = base + sample.get_segment().to_running_time(Gst.Format.TIME, buffer.pts)
    mapped, memory = buffer.map(Gst.MapFlags.READ)
    if not mapped:
        return
    try:
        sender.send(_rows(memory.data, width, height), width=width, height=height, taken_ns=taken)
    finally:
        buffer.unmap(memory)


def _rows(data: "memoryview | bytes", width: int, height: int) -> "memoryview | bytes":
    """Without what fills each row up to a multiple of four bytes."""
    stride, row = len(data) // height, width * PIXEL
    if stride == row:
        return data
    return b"".join(bytes(data[start : start + row]) for start in range(0, stride * height, stride))


def _reason(message: Any) -> str:
    if message.type == Gst.MessageType.EOS:
        return "the source ended"
    error, _ = message.parse_error()
    return f"{message.src.get_name()}: {error.message}"


def ae_region(meter: Meter, size: "tuple[int, int]") -> str:
    """nvarguscamerasrc's region of interest: left, top, right, bottom in pixels of the picture, and a weight."""
    left, top, width, height = meter.region or (0, 0, *size)
    return f"{left} {top} {left + width} {top + height} 1.0"
