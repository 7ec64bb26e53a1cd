import builtins
import importlib
import sys
from typing import Any

import numpy as np
import pytest

from models import suite as suites
from models.errors import ModelError
from models.manifest import INSTALLED_WEIGHTS, InputSpec, NetworkSpec, load_manifest, read_weights
from models.runtime import Network, to_tensor

SPEC = load_manifest().detector


@pytest.fixture(scope="module")
def content() -> bytes:
    return read_weights(INSTALLED_WEIGHTS, SPEC)


def changed(**values: Any) -> NetworkSpec:
    return NetworkSpec.model_validate({**SPEC.model_dump(), **values})


def test_outputs_come_in_the_order_of_the_manifest(content: bytes) -> None:
    image = np.zeros((128, 128, 3), np.uint8)
    regressors, logits = Network(spec=SPEC, content=content).run(image)
    assert (regressors.shape, logits.shape) == ((1, 896, 16), (1, 896, 1))
    swapped = Network(spec=changed(outputs=tuple(reversed(SPEC.outputs))), content=content).run(image)
    np.testing.assert_array_equal(swapped[1], regressors)


def test_outputs_are_copies(content: bytes) -> None:
    network = Network(spec=SPEC, content=content)
    before, _ = network.run(np.zeros((128, 128, 3), np.uint8))
    kept = before.copy()
    network.run(np.full((128, 128, 3), 255, np.uint8))
    np.testing.assert_array_equal(before, kept)


def test_a_shape_that_differs_from_the_manifest_is_refused(content: bytes) -> None:
    wrong = changed(input={**SPEC.input.model_dump(), "shape": (1, 64, 64, 3)})
    with pytest.raises(ModelError, match=r"input is \(1, 128, 128, 3\), the manifest says \(1, 64, 64, 3\)"):
        Network(spec=wrong, content=content)


def test_an_output_that_is_not_there_is_named(content: bytes) -> None:
    with pytest.raises(ModelError, match=r"no output named \['faces'\]; the network has"):
        Network(spec=changed(outputs=("faces",)), content=content)


@pytest.mark.parametrize("damaged", [b"", b"not a network", bytes(5000)])
def test_what_is_no_network_is_named(damaged: bytes) -> None:
    with pytest.raises(ModelError, match=r"blazeface_short_range\.tflite: ai-edge-litert can't load it"):
        Network(spec=SPEC, content=damaged)


def test_a_missing_runtime_names_its_package(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, *_: object) -> None:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(ModelError, match=r"vision\.runtime = 'tflite' needs the package tflite-runtime: No module"):
        Network(spec=SPEC, content=content, runtime="tflite")


def test_a_missing_detector_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_mediapipe(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == "mediapipe":
            raise ImportError("No module named 'mediapipe'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_mediapipe)
    monkeypatch.delitem(sys.modules, "models.mediapipe_detector", raising=False)
    with pytest.raises(ModelError, match=r"needs the package mediapipe .* install auther-embedded\[mediapipe\]"):
        suites.load_suite(detector="mediapipe")


@pytest.mark.parametrize(
    ("colour", "mean", "std", "expected"),
    [
        ("bgr", 0.0, 1.0, (10, 20, 30)),
        ("rgb", 0.0, 1.0, (30, 20, 10)),
        ("bgr", 127.5, 127.5, (-0.9216, -0.8431, -0.7647)),
        ("rgb", 0.0, 255.0, (0.1176, 0.0784, 0.0392)),
    ],
)
def test_pixels_become_what_the_network_was_trained_with(
    colour: str, mean: float, std: float, expected: tuple[float, ...]
) -> None:
    image = np.full((4, 5, 3), (10, 20, 30), np.uint8)
    image.flags.writeable = False
    spec = InputSpec.model_validate({"shape": (1, 4, 5, 3), "colour": colour, "mean": mean, "std": std})
    tensor = to_tensor(image, spec)
    assert tensor.shape == (1, 4, 5, 3)
    assert tensor.dtype == np.float32
    np.testing.assert_allclose(tensor[0, 0, 0], expected, atol=1e-4)
