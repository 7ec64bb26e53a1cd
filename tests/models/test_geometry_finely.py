import cv2
import numpy as np
import pytest

from models.geometry import Image, warp, warp_finely


def smooth(height: int, width: int) -> Image:
    y, x = np.mgrid[0:height, 0:width]
    waves = 128 + 100 * np.sin(x / 40) * np.cos(y / 50)
    return np.asarray(np.repeat(waves[:, :, np.newaxis], 3, axis=2), dtype=np.uint8)


@pytest.mark.parametrize("scale", [0.07, 0.13, 0.26, 0.45, 0.5, 0.6, 0.99])
@pytest.mark.parametrize("angle", [0.0, 0.4, -1.2])
def test_it_cuts_out_the_same_place(scale: float, angle: float) -> None:
    image = smooth(700, 900)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    rotation = np.array([[cos, -sin], [sin, cos]])
    shift = np.array([24, 24]) - rotation @ np.array([431.0, 337.0])
    matrix = np.column_stack((rotation, shift)).astype(np.float32)
    fine, plain = warp_finely(image, matrix, (48, 48)), warp(image, matrix, (48, 48))
    inside = cv2.warpAffine(np.full(image.shape[:2], 255, np.uint8), matrix, (48, 48)) == 255
    inside = (
        cv2.erode(inside.astype(np.uint8), np.ones((7, 7), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
        == 1
    )
    assert np.abs(fine.astype(int) - plain.astype(int))[inside].max() <= 8


def test_a_large_face_loses_the_sensor_s_noise() -> None:
    noise = np.random.default_rng(0).normal(128, 40, (800, 800, 3)).clip(0, 255).astype(np.uint8)
    matrix = np.array([[0.125, 0, 0], [0, 0.125, 0]], dtype=np.float32)
    assert warp(noise, matrix, (100, 100))[2:-2, 2:-2].std() > 15
    assert warp_finely(noise, matrix, (100, 100))[2:-2, 2:-2].std() < 8


def test_a_crop_beyond_the_frame_is_black() -> None:
    matrix = np.array([[0.1, 0, -500], [0, 0.1, -500]], dtype=np.float32)
    assert not warp_finely(smooth(200, 200), matrix, (32, 32)).any()
