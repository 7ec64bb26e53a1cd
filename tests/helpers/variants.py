"""Pictures drawn from a portrait: what a camera or a careless photographer may make of it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import Image
from models.landmarks import CHIN, FOREHEAD, LEFT_EYE_INNER, LEFT_EYE_OUTER, RIGHT_EYE_INNER, RIGHT_EYE_OUTER, Mesh

# The lower edge of the face from ear to ear: MediaPipe's canonical face model.
_JAW = [132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361]


def blurred(image: Image, sigma: float) -> Image:
    return _frozen(cv2.GaussianBlur(image, (0, 0), sigma))


def lit(image: Image, gain: float, offset: float = 0.0) -> Image:
    return _frozen(cv2.convertScaleAbs(image, alpha=gain, beta=offset))


def scaled(image: Image, factor: float) -> Image:
    kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return _frozen(cv2.resize(image, None, fx=factor, fy=factor, interpolation=kind))


def turned(image: Image, degrees: float, centre: tuple[float, float]) -> Image:
    """Turned clockwise, as whoever tilts their head to their own left looks to the camera."""
    matrix = cv2.getRotationMatrix2D(centre, -degrees, 1.0)
    return _frozen(cv2.warpAffine(image, matrix, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE))


def moved(image: Image, right: float, down: float) -> Image:
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    return _frozen(cv2.warpAffine(image, matrix, image.shape[1::-1], borderMode=cv2.BORDER_REPLICATE))


def mirrored(image: Image) -> Image:
    return _frozen(cv2.flip(image, 1))


def eyes_covered(image: Image, mesh: Mesh) -> Image:
    """Skin from below the eyes over them, and a line where the lids meet."""
    drawn = image.copy()
    for corners in ([RIGHT_EYE_OUTER, RIGHT_EYE_INNER], [LEFT_EYE_INNER, LEFT_EYE_OUTER]):
        outer, inner = mesh.points[corners]
        width = float(np.linalg.norm(outer - inner))
        x, y = (int(value) for value in (outer + inner) / 2)
        half, height = int(0.75 * width), int(0.8 * width)
        skin = image[y + height // 2 : y + height // 2 + height, x - half : x + half]
        drawn[y - height // 2 : y - height // 2 + height, x - half : x + half] = cv2.GaussianBlur(skin, (0, 0), 2)
        axes = (int(width / 2), int(0.08 * width))
        cv2.ellipse(drawn, (x, y), axes, 0, 0, 180, (30, 30, 40), 1, cv2.LINE_AA)
    return _frozen(drawn)


def masked(image: Image, mesh: Mesh, cloth: tuple[int, int, int]) -> Image:
    """A mask of even cloth (BGR) with soft shading, from the bridge of the nose to the chin."""
    points = mesh.points.astype(np.float64)
    chin = points[CHIN]
    jaw = chin + 1.04 * (points[_JAW] - chin) + (0, 0.02 * np.linalg.norm(points[FOREHEAD] - chin))
    bridge = (points[[6]] + points[[197]]) / 2
    outline = np.concatenate((points[[93, 50]], bridge, points[[280, 323]], jaw[::-1]))
    return _painted(image, outline, cloth)


def in_sunglasses(image: Image, mesh: Mesh, lens: tuple[int, int, int]) -> Image:
    """Glasses (BGR) a good deal larger than the eyes."""
    turn = np.linspace(0, 2 * np.pi, 40)
    for corners in ([RIGHT_EYE_OUTER, RIGHT_EYE_INNER], [LEFT_EYE_INNER, LEFT_EYE_OUTER]):
        left, right = mesh.points[corners].astype(np.float64)
        across = right - left
        down = np.array([-across[1], across[0]])
        middle = (left + right) / 2 + 0.1 * down
        image = _painted(
            image, middle + np.outer(0.95 * np.cos(turn), across) + np.outer(0.68 * np.sin(turn), down), lens
        )
    return image


def _painted(image: Image, outline: NDArray[np.float64], colour: tuple[int, int, int]) -> Image:
    share = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(share, [np.round(8 * outline).astype(np.int32)], 255, cv2.LINE_AA, 3)
    shading = np.random.default_rng(5).normal(0, 12, (6, 6)).astype(np.float32)
    smooth = cv2.resize(shading, image.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    layer = np.float32(colour) + np.asarray(smooth)[..., np.newaxis]
    weight = share[..., np.newaxis] / np.float32(255)
    return _frozen(np.clip(image * (1 - weight) + layer * weight, 0, 255))


def _frozen(image: object) -> Image:
    # As a camera's frames are.
    result = np.asarray(image, dtype=np.uint8)
    result.flags.writeable = False
    return result
