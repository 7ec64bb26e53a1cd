"""One network on one interpreter: LiteRT, or the older tflite-runtime with the same interface."""

import importlib
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.manifest import InputSpec, NetworkSpec

Runtime = Literal["litert", "tflite"]

_PACKAGES: dict[Runtime, tuple[str, str]] = {
    "litert": ("ai_edge_litert.interpreter", "ai-edge-litert"),
    "tflite": ("tflite_runtime.interpreter", "tflite-runtime"),
}


def to_tensor(image: NDArray[np.uint8], spec: InputSpec) -> NDArray[np.float32]:
    """A BGR crop of just the network's size as its input tensor (1, height, width, 3)."""
    if spec.colour == "rgb":
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)  # type: ignore[assignment]
    tensor = image.astype(np.float32)
    if spec.mean:
        tensor -= spec.mean
    if spec.std != 1.0:
        tensor *= 1.0 / spec.std
    return tensor[np.newaxis]


class Network:
    """A loaded network; `content` are verified bytes. Belongs to one thread."""

    def __init__(self, *, spec: NetworkSpec, content: bytes, runtime: Runtime = "litert", threads: int = 1) -> None:
        """Raises ModelError when the runtime isn't installed or can't take the network."""
        self.spec = spec
        module, package = _PACKAGES[runtime]
        try:
            interpreter_class = importlib.import_module(module).Interpreter
        except ImportError as error:
            raise ModelError(f"vision.runtime = {runtime!r} needs the package {package}: {error}") from error
        try:
            self._interpreter: Any = interpreter_class(model_content=content, num_threads=threads)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"{spec.file}: {package} can't load it: {error}") from error
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        self._outputs = self._output_indices()
        self._check_input_shape()

    def run(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Feed one BGR crop of the network's input size; the outputs come in the manifest's order."""
        self._interpreter.set_tensor(self._input, to_tensor(image, self.spec.input))
        self._interpreter.invoke()
        return tuple(self._interpreter.get_tensor(index) for index in self._outputs)

    def _output_indices(self) -> list[int]:
        details = {detail["name"]: int(detail["index"]) for detail in self._interpreter.get_output_details()}
        missing = [name for name in self.spec.outputs if name not in details]
        if missing:
            raise ModelError(f"{self.spec.file}: no output named {missing}; the network has {sorted(details)}")
        return [details[name] for name in self.spec.outputs]

    def _check_input_shape(self) -> None:
        shape = tuple(int(n) for n in self._interpreter.get_input_details()[0]["shape"])
        if shape != self.spec.input.shape:
            raise ModelError(f"{self.spec.file}: input is {shape}, the manifest says {self.spec.input.shape}")
