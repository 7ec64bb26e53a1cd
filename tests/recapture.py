"""Simulated recaptures of a still: what a screen, a print and a hand add to it.

For regression only. They are drawn, not filmed: no figure over them says anything about real presentation attacks.
"""

import cv2
import numpy as np

from models.geometry import Image


def turned(image: Image, *, yaw: float, pitch: float = 0.0, distance: float = 1.2) -> Image:
    """The picture as a plane turned by degrees, seen from `distance` widths away."""
    height, width = image.shape[:2]
    focal = distance * width
    about_y, _ = cv2.Rodrigues(np.array([0.0, np.radians(yaw), 0.0]))
    about_x, _ = cv2.Rodrigues(np.array([np.radians(pitch), 0.0, 0.0]))
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    solid = np.column_stack((flat - [width / 2, height / 2], np.zeros(4))) @ (about_y @ about_x).T
    seen = solid[:, :2] / (solid[:, 2:] + focal) * focal + [width / 2, height / 2]
    matrix = cv2.getPerspectiveTransform(flat, seen.astype(np.float32))
    return np.asarray(cv2.warpPerspective(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def on_screen(image: Image, *, pitch_px: float = 2.6, tilt_deg: float = 4.0, depth: float = 0.35) -> Image:
    """Filmed from a screen whose pixels are `pitch_px` camera pixels apart: grid, moiré, pale gamma, blue cast."""
    rows, columns = np.indices(image.shape[:2], dtype=np.float32)
    angle = np.radians(tilt_deg)
    across = np.cos(angle) * columns + np.sin(angle) * rows
    down = np.cos(angle) * rows - np.sin(angle) * columns
    grid = 1 - depth * (0.5 + 0.25 * np.cos(2 * np.pi * across / pitch_px) + 0.25 * np.cos(2 * np.pi * down / pitch_px))
    shown = 255 * (image / 255.0) ** 0.8 * grid[..., np.newaxis] * np.array([1.08, 1.0, 0.95])
    return np.clip(shown + 8, 0, 255).astype(np.uint8)


def printed(image: Image, *, raster_px: float = 4.0, depth: float = 0.25) -> Image:
    """Filmed from a print: a halftone raster at 45 degrees and a narrower gamut."""
    rows, columns = np.indices(image.shape[:2], dtype=np.float32)
    waves = np.cos(2 * np.pi * (columns + rows) / (raster_px * 1.414)) * np.cos(
        2 * np.pi * (columns - rows) / (raster_px * 1.414)
    )
    grey = image.mean(axis=2, keepdims=True)
    muted = 30 + 0.75 * (0.8 * image + 0.2 * grey)
    return np.clip(muted * (1 + depth * waves[..., np.newaxis]), 0, 255).astype(np.uint8)


def framed(image: Image, *, border: float = 0.08, shade: int = 20) -> Image:
    """Within the bezel of a device or the edge of a sheet (shade 240), before a grey wall."""
    pad = int(border * image.shape[1])
    inside = cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(shade, shade, shade))
    room = cv2.copyMakeBorder(inside, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(120, 125, 128))
    return np.asarray(room, dtype=np.uint8)


def reflection(image: Image, *, strength: float = 90.0) -> Image:
    """With the flat highlight of a lamp across glass or glossy paper."""
    rows, columns = np.indices(image.shape[:2], dtype=np.float32)
    band = np.exp(-(((columns + 0.6 * rows) / image.shape[1] - 0.9) ** 2) / 0.01)
    return np.clip(image + strength * band[..., np.newaxis], 0, 255).astype(np.uint8)
