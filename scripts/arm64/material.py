"""What `check-arm64` feeds to both processors: drawn from the public-domain portraits of the demonstration."""

import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from demo_film import FPS, SCENES, frames, person_picture, stranger_picture

from hw.camera import Image
from models.manifest import load_manifest
from scripts.arm64.fetch import ROOT
from scripts.arm64.play_recordings import PORTRAIT, RECORDINGS, Recording
from scripts.arm64.programs import finished
from scripts.arm64.sysroot import Sysroot
from scripts.arm64.workbench import PLAY_RECORDINGS, RUN_NETWORKS, Workbench

FRAMES = 5
# From here on the film's actors stand close.
ARRIVED_SECONDS = 2.2
RANDOM_PICTURES, SEED = 4, 20


def prepare(sysroot: Sysroot, folder: Path) -> Workbench:
    """Make the material, and run it on this machine. Raises CheckFailed."""
    write_inputs(folder / "inputs")
    write_recordings(folder / "recordings")
    expected = folder / "expected.npz"
    here = {**os.environ, "PYTHONPATH": str(ROOT)}
    finished((sys.executable, "-m", RUN_NETWORKS, str(folder / "inputs"), str(expected)), here)
    playing = (sys.executable, "-m", PLAY_RECORDINGS, str(folder / "recordings"), str(folder / "store"))
    return Workbench(sysroot, folder, expected, finished(playing, here))


def write_inputs(folder: Path) -> None:
    """For each network of the manifest, `<id>.npy`: two faces and smooth random pictures, uint8 (n, h, w, 3) BGR."""
    folder.mkdir()
    faces = [_read(person_picture())[130:330, 160:360], _read(stranger_picture())[60:190, 155:285]]
    rough = np.random.default_rng(SEED).integers(0, 256, (RANDOM_PICTURES, 8, 8, 3), dtype=np.uint8)
    for spec in load_manifest().networks:
        sized = [cv2.resize(picture, spec.input.size, interpolation=cv2.INTER_CUBIC) for picture in (*faces, *rough)]
        np.save(folder / f"{spec.id}.npy", np.stack(sized))


def write_recordings(folder: Path) -> None:
    """The enrolled person's portrait, and a folder of frames for each recording, without loss."""
    folder.mkdir()
    cv2.imwrite(str(folder / PORTRAIT), _read(person_picture()))
    for recording in RECORDINGS:
        (folder / recording.name).mkdir()
        for number, frame in enumerate(_frames(recording)):
            cv2.imwrite(str(folder / recording.name / f"{number}.png"), frame)


def _frames(recording: Recording) -> Iterator[Image]:
    scene = next(position for position, scene in enumerate(SCENES) if scene.actor == recording.name)
    first = sum(round(before.seconds * FPS) for before in SCENES[:scene]) + round(ARRIVED_SECONDS * FPS)
    step = round(recording.interval * FPS)
    return islice(frames(), first, first + FRAMES * step, step)


def _read(file: Path) -> Image:
    image = cv2.imread(str(file))
    if image is None:
        raise SystemExit(f"{file}: the portrait is missing; run scripts/setup")
    return np.asarray(image, np.uint8)
