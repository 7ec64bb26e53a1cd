"""The film that the demonstration plays as a camera: two public-domain portraits, animated."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import skimage
from demo_screen import as_screen

from hw.camera import Image

WIDTH, HEIGHT, FPS = 640, 480, 25
FEATHER = 60
NOISES = 5


@dataclass(frozen=True)
class Scene:
    """What is to be seen from `start` for `seconds`; `actor` is what stands in front of the camera, if anything."""

    title: str
    actor: str | None
    start: float
    seconds: float


@dataclass(frozen=True, eq=False)
class Actor:
    """A picture with its opacity (0..1), the centre of its face and how much it is enlarged when close."""

    image: Image
    alpha: np.ndarray
    face: tuple[float, float]
    close: float


SCENES = (
    Scene("nobody", None, 0.0, 1.5),
    Scene("the enrolled person walks up", "person", 1.5, 4.5),
    Scene("nobody", None, 6.0, 2.0),
    Scene("a stranger walks up", "stranger", 8.0, 5.0),
    Scene("nobody", None, 13.0, 1.5),
    Scene("the enrolled person's portrait on a phone is held up", "phone", 14.5, 4.5),
    Scene("nobody", None, 19.0, 2.5),
)


def person_picture() -> Path:
    """Rear Admiral Grace Hopper, U.S. Navy photograph, as matplotlib ships it."""
    return Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"


def stranger_picture() -> Path:
    """Astronaut Eileen Collins, NASA photograph, as scikit-image ships it."""
    return Path(skimage.__file__).parent / "data" / "astronaut.png"


def shoot(file: Path) -> None:
    """Write the film as Motion JPEG, whose frames are stills: nothing of one face smears into the next."""
    # FFmpeg's writer heeds no quality; the default one would smooth away what liveness looks at.
    writer = cv2.VideoWriter(str(file), cv2.CAP_OPENCV_MJPEG, cv2.VideoWriter.fourcc(*"MJPG"), FPS, (WIDTH, HEIGHT))
    writer.set(cv2.VIDEOWRITER_PROP_QUALITY, 95)
    if not writer.isOpened():
        raise SystemExit(f"{file}: OpenCV can't write Motion JPEG here")
    for frame in frames():
        writer.write(frame)
    writer.release()


def frames() -> Iterator[Image]:
    """All frames of all scenes."""
    grace, astronaut = _read(person_picture()), _read(stranger_picture())
    actors = {
        "person": Actor(grace, _feathered(grace), (268, 250), 0.95),
        "stranger": Actor(astronaut, _feathered(astronaut), (226, 130), 1.75),
        "phone": _phone(grace),
    }
    noise = np.random.default_rng(7).normal(0, 2.0, (NOISES, HEIGHT, WIDTH, 3)).astype(np.float32)
    hall = _hall().astype(np.float32)
    for scene in SCENES:
        for number in range(round(scene.seconds * FPS)):
            frame = hall
            if scene.actor is not None:
                frame = _place(frame, actors[scene.actor], number / FPS, scene.seconds)
            yield np.clip(frame + noise[number % NOISES], 0, 255).astype(np.uint8)


def _place(frame: np.ndarray, actor: Actor, at: float, seconds: float) -> np.ndarray:
    """The actor enters from the right, far away, comes closer, stays with a little sway, and leaves to the left."""
    entering = _ease(at / 1.1)
    approaching = _ease((at - 0.5) / 1.5)
    leaving = _ease((at - seconds + 0.8) / 0.8)
    scale = actor.close * (0.4 + 0.6 * approaching) * (1 + 0.015 * np.sin(2.1 * at))
    x = WIDTH / 2 + 420 * (1 - entering) - 520 * leaving + 7 * np.sin(1.7 * at)
    y = 225 + 60 * (1 - approaching) + 4 * np.sin(2.9 * at)
    angle = np.radians(1.5 * np.sin(1.3 * at))
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    fx, fy = actor.face
    matrix = np.array([[cos, -sin, x - cos * fx + sin * fy], [sin, cos, y - sin * fx - cos * fy]])
    image = cv2.warpAffine(
        actor.image, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    alpha = cv2.warpAffine(actor.alpha, matrix, (WIDTH, HEIGHT))[..., np.newaxis]
    blur = 2.5 * (1 - entering) + 1.2 * (1 - approaching) + 2.5 * leaving
    if blur > 0.2:
        image = cv2.GaussianBlur(image, (0, 0), blur)
    light = np.float32(1 + 0.12 * np.sin(1.1 * at + 0.5))
    return np.asarray(frame * (1 - alpha) + image * (light * alpha))


def _read(file: Path) -> Image:
    image = cv2.imread(str(file))
    if image is None:
        raise SystemExit(f"{file}: the portrait is missing; run scripts/setup")
    return np.asarray(image, np.uint8)


def _feathered(image: Image) -> np.ndarray:
    """Opacity that fades towards the sides and the top, so that the portrait's edges are no picture frame."""
    height, width = image.shape[:2]
    across = np.clip(np.minimum(np.arange(width), np.arange(width)[::-1]) / FEATHER, 0, 1)
    down = np.clip(np.arange(height) / FEATHER, 0, 1)
    return np.outer(down, across).astype(np.float32)


def _phone(portrait: Image) -> Actor:
    """The head of the portrait fills the screen, so that the face is large enough for the terminal to look at it."""
    head = cv2.resize(portrait[70:540, 118:418], None, fx=0.72, fy=0.72, interpolation=cv2.INTER_AREA)
    phone = as_screen(np.asarray(head, np.uint8))
    return Actor(phone, np.ones(phone.shape[:2], np.float32), (phone.shape[1] / 2, phone.shape[0] / 2), 1.0)


def _hall() -> Image:
    """A lit wall, a floor and a door frame."""
    wall = np.linspace(150, 120, HEIGHT, dtype=np.float32)[:, np.newaxis, np.newaxis]
    hall = np.ascontiguousarray(np.broadcast_to(wall, (HEIGHT, WIDTH, 3))) * np.array([0.92, 0.97, 1.0], np.float32)
    cv2.rectangle(hall, (70, 60), (200, 400), (96, 104, 112), -1)
    cv2.rectangle(hall, (70, 60), (200, 400), (70, 76, 84), 5)
    cv2.rectangle(hall, (0, 400), (WIDTH, HEIGHT), (84, 90, 98), -1)
    return np.asarray(cv2.GaussianBlur(hall, (0, 0), 3), np.uint8)


def _ease(share: float) -> float:
    """0 to 1, slow at both ends."""
    clipped = min(1.0, max(0.0, share))
    return clipped * clipped * (3 - 2 * clipped)
