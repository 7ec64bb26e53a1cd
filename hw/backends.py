"""The one place that knows which class a back end's name stands for. It is imported only when it is chosen."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from hw.camera import Camera
from hw.errors import BackendError
from hw.lines import InputLine, OutputLine


@dataclass(frozen=True)
class Backend:
    """Where a back end's class is, which package it needs and what installs that."""

    module: str
    class_name: str
    package: str | None = None
    install: str = "auther-embedded"


CAMERAS: Mapping[str, Backend] = MappingProxyType(
    {
        "webcam": Backend("hw.webcam", "Webcam", "opencv-python-headless"),
        "picamera2": Backend("hw.picamera", "PiCamera"),
        "argus": Backend("hw.gstreamer", "ArgusCamera"),
        "gstreamer": Backend("hw.gstreamer", "GStreamerCamera"),
        "replay": Backend("hw.replay", "Replay", "opencv-python-headless"),
    }
)
OUTPUT_LINES: Mapping[str, Backend] = MappingProxyType(
    {
        "simulated": Backend("hw.simulated", "SimulatedOutputLine"),
        "gpiod": Backend("hw.gpiod_lines", "GpiodOutputLine", "gpiod", "auther-embedded[gpio]"),
        "lcus": Backend("hw.lcus_line", "LcusOutputLine", "pyserial", "auther-embedded[serial]"),
    }
)
INPUT_LINES: Mapping[str, Backend] = MappingProxyType(
    {
        "simulated": Backend("hw.simulated", "SimulatedInputLine"),
        "gpiod": Backend("hw.gpiod_inputs", "GpiodInputLine", "gpiod", "auther-embedded[gpio]"),
    }
)


def make_camera(backend: str, options: Mapping[str, object]) -> Camera:
    """Open the camera of that back end. Raises BackendError, or CameraError if it can't be opened."""
    return camera_backend(backend)(**options)


def make_output_line(backend: str, options: Mapping[str, object]) -> OutputLine:
    """Open the output line of that back end. Raises BackendError, or LineError if it can't be opened."""
    return output_line_backend(backend)(**options)


def make_input_line(backend: str, options: Mapping[str, object]) -> InputLine:
    """Open the input line of that back end. Raises BackendError, or LineError if it can't be opened."""
    return input_line_backend(backend)(**options)


def camera_backend(name: str) -> Callable[..., Camera]:
    """The class that a camera back end's name stands for. Raises BackendError if unknown or not installed."""
    return cast(Callable[..., Camera], _load("camera", name, CAMERAS))


def output_line_backend(name: str) -> Callable[..., OutputLine]:
    """The class that an output line back end's name stands for. Raises BackendError if unknown or not installed."""
    return cast(Callable[..., OutputLine], _load("output line", name, OUTPUT_LINES))


def input_line_backend(name: str) -> Callable[..., InputLine]:
    """The class that an input line back end's name stands for. Raises BackendError if unknown or not installed."""
    return cast(Callable[..., InputLine], _load("input line", name, INPUT_LINES))


def _load(kind: str, name: str, known: Mapping[str, Backend]) -> Callable[..., object]:
    backend = known.get(name)
    if backend is None:
        raise BackendError(f"{kind} back end {name!r}: unknown; choose one of {', '.join(known)}")
    try:
        module = importlib.import_module(backend.module)
    except ImportError as error:
        if backend.package is None:
            raise
        raise BackendError(
            f"{kind} back end {name!r}: the package {backend.package} can't be imported ({error}); "
            f"install it with: pip install '{backend.install}'"
        ) from error
    factory: Callable[..., object] = getattr(module, backend.class_name)
    return factory
