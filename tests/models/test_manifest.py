import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from models.errors import ModelError
from models.manifest import INSTALLED_WEIGHTS, load_manifest, read_weights
from models.suite import load_suite


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A copy of the weights that a test may damage."""
    return Path(shutil.copytree(INSTALLED_WEIGHTS, tmp_path / "weights"))


@pytest.fixture
def edit(weights: Path) -> Callable[[str, str], Path]:
    """Replaces the first occurrence of a text in the manifest."""

    def replace(old: str, new: str) -> Path:
        path = weights / "manifest.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        return weights

    return replace


def test_every_shipped_network_is_what_the_manifest_says() -> None:
    manifest = load_manifest()
    for spec in manifest.networks:
        assert len(read_weights(INSTALLED_WEIGHTS, spec)) > 100_000
        assert spec.licence in {"Apache-2.0", "MIT"}
        assert spec.origin
    assert {spec.file for spec in manifest.networks} == {path.name for path in INSTALLED_WEIGHTS.glob("*.tflite")}


def test_the_weights_stay_small() -> None:
    assert sum(path.stat().st_size for path in INSTALLED_WEIGHTS.iterdir()) < 8 * 1024 * 1024


def test_labels_name_network_and_version() -> None:
    assert load_manifest().embedder.label == "mobilefacenet-512-int8/0.0.1+1.5"


def test_templates_of_another_constant_are_of_another_label(edit: Callable[[str, str], Path]) -> None:
    assert load_manifest(edit("appended = 1.5", "appended = 2.0")).embedder.label == "mobilefacenet-512-int8/0.0.1+2"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("schema = 1", "schema = 2", "schema: Input should be 1"),
        ("schema = 1", "", "schema: Field required"),
        ("schema = 1", "schema = 1\nextra = 1", "extra: Extra inputs"),
        ('licence = "Apache-2.0"', "", "detector.licence: Field required"),
        ('colour = "rgb"', 'colour = "yuv"', "detector.input.colour: Input should be 'rgb' or 'bgr'"),
        ("std = 127.5", "std = 0.0", "detector.input.std: Input should be greater than 0"),
        ("[1, 128, 128, 3]", "[1, 128, 128]", "detector.input.shape"),
        ("[1, 128, 128, 3]", "[2, 128, 128, 3]", "detector.input.shape.0: Input should be 1"),
        ('file = "blazeface_short_range', 'file = "../blazeface_short_range', "detector.file: String should match"),
        ('sha256 = "b', 'sha256 = "B', "detector.sha256: String should match"),
        ('kind = "letterbox"', 'kind = "oval"', "detector.crop.kind"),
        ("appended = 1.5", "appended = -1.5", "embedder.appended: Input should be greater than or equal to 0"),
        ("live_index = 0", "", "liveness.0.live_index: Field required"),
        ("live_index = 0", "live_index = -1", "liveness.0.live_index: Input should be greater than or equal to 0"),
    ],
)
def test_a_mistake_in_the_manifest_is_named(edit: Callable[[str, str], Path], old: str, new: str, message: str) -> None:
    with pytest.raises(ModelError) as refusal:
        load_manifest(edit(old, new))
    assert "manifest.toml: " in str(refusal.value)
    assert message in str(refusal.value)


@pytest.mark.parametrize("content", [b"schema = ", b"\xff\xfe", b"[detector]\n[detector]"])
def test_a_damaged_manifest_is_named(weights: Path, content: bytes) -> None:
    (weights / "manifest.toml").write_bytes(content)
    with pytest.raises(ModelError, match=r"manifest\.toml: not valid TOML"):
        load_manifest(weights)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"manifest\.toml: can't be read \(No such file or directory\)"):
        load_manifest(tmp_path)


@pytest.mark.parametrize("file", [spec.file for spec in load_manifest().networks])
def test_one_changed_bit_is_never_run(weights: Path, file: str) -> None:
    path = weights / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=rf"{file}: SHA-256 is [0-9a-f]{{64}}, the manifest expects"):
        load_suite(weights=weights)


def test_missing_weights_are_named(weights: Path) -> None:
    (weights / "face_mesh.tflite").unlink()
    with pytest.raises(ModelError, match=r"face_mesh\.tflite: can't be read"):
        load_suite(weights=weights)


def test_a_score_scale_that_falls_is_refused(edit: Callable[[str, str], Path]) -> None:
    with pytest.raises(ModelError, match="score scale is not monotone"):
        load_suite(weights=edit("similarity = 10.0", "similarity = 99.5"))
