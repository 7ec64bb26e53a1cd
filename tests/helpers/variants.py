"""Pictures drawn from a portrait: what a camera or a careless photographer may make of it."""

import cv2
import numpy as np

from models.geometry import Image
from models.landmarks import LEFT_EYE_INNER, LEFT_EYE_OUTER, RIGHT_EYE_INNER, RIGHT_EYE_OUTER, Mesh


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


def _frozen(image: object) -> Image:
    # As a camera's frames are.
    result = np.asarray(image, dtype=np.uint8)
    result.flags.writeable = False
    return result
