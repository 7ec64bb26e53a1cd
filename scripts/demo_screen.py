"""What a portrait looks like on a screen that is held up to the camera: bezel, pixel grid, moiré, gamma, glare."""

import cv2
import numpy as np

from hw.camera import Image

BEZEL = 20
PITCH = 3


def as_screen(portrait: Image) -> Image:
    """A tablet that shows the BGR portrait."""
    shown = _tone(portrait) * _pixel_grid(portrait.shape) * _moire(portrait.shape) + _glare(portrait.shape)
    lit = np.clip(shown, 0, 255).astype(np.uint8)
    tablet = cv2.copyMakeBorder(lit, BEZEL, BEZEL, BEZEL, BEZEL, cv2.BORDER_CONSTANT, value=(22, 20, 20))
    cv2.rectangle(tablet, (1, 1), (tablet.shape[1] - 2, tablet.shape[0] - 2), (95, 92, 90), 2)
    return np.asarray(tablet, np.uint8)


def _tone(portrait: Image) -> np.ndarray:
    """A backlight never shows black, has a gamma of its own and leans towards blue."""
    linear = (portrait.astype(np.float32) / 255) ** 0.85
    return (24 + 231 * linear) * np.array([1.10, 1.0, 0.93], np.float32)


def _pixel_grid(shape: tuple[int, ...]) -> np.ndarray:
    """Stripes of blue, green and red sub-pixels and dark gaps between the rows."""
    height, width = shape[:2]
    grid = np.full((height, width, 3), 0.90, np.float32)
    for channel in range(3):
        grid[:, channel::PITCH, channel] = 1.12
    grid[::PITCH] *= 0.88
    return grid


def _moire(shape: tuple[int, ...]) -> np.ndarray:
    """Slow bands where the screen's pixels and the sensor's beat against each other."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    bands = [
        np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period + phase)
        for angle, period, phase in ((0.35, 9.0, 0.0), (0.42, 9.7, 1.3), (1.2, 14.0, 0.5))
    ]
    per_channel = np.stack([1 + 0.035 * (bands[0] + np.roll(bands[1], c, 1) + 0.6 * bands[2]) for c in range(3)], -1)
    return per_channel.astype(np.float32)


def _glare(shape: tuple[int, ...]) -> np.ndarray:
    """A lamp behind the camera, mirrored in the upper corner."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    distance = np.hypot((x - 0.85 * shape[1]) / shape[1], (y - 0.1 * shape[0]) / shape[0])
    return np.asarray(45 * np.exp(-((distance / 0.28) ** 2))[..., np.newaxis], np.float32)
