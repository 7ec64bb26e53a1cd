"""Evidence of a pixel grid: moiré and raster show as isolated peaks in the spectrum of the face's own pixels.

Skin, hair and cloth have spectra that fall off smoothly with frequency; a screen or a print raster that is filmed by
another raster adds narrow peaks (Patel et al., "Live face video vs. spoof face video: use of moiré patterns", ICB
2015).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import Image

SIDE = 128

# Cycles a pixel: below, faces have structure of their own; above, there is only the camera's noise.
_BAND = (0.06, 0.45)
# A bin counts as a peak when its log energy exceeds its ring's mean by this; white noise does so once in 10^21 bins.
_PEAK = 4.5


class MoireMeter:
    """Measures the share of the fine structure's energy that lies in isolated peaks."""

    def __init__(self) -> None:
        window = np.hanning(SIDE).astype(np.float32)
        self._window = np.outer(window, window)
        radius = np.hypot(np.fft.rfftfreq(SIDE)[np.newaxis], np.fft.fftfreq(SIDE)[:, np.newaxis])
        self._band = (radius > _BAND[0]) & (radius < _BAND[1])
        self._rings: NDArray[np.intp] = (radius[self._band] * 100).astype(np.intp)
        self._ring_sizes = np.maximum(np.bincount(self._rings), 1)

    def energy(self, image: Image, centre: tuple[float, float]) -> float | None:
        """Share (0..1) of energy in peaks in the 128 × 128 pixels around `centre`, at the camera's own resolution.

        None when the frame is smaller than that.
        """
        height, width = image.shape[:2]
        if height < SIDE or width < SIDE:
            return None
        left = int(np.clip(centre[0] - SIDE / 2, 0, width - SIDE))
        top = int(np.clip(centre[1] - SIDE / 2, 0, height - SIDE))
        grey = cv2.cvtColor(image[top : top + SIDE, left : left + SIDE], cv2.COLOR_BGR2GRAY).astype(np.float32)
        grey -= cv2.GaussianBlur(grey, (0, 0), 3)
        spectrum = np.fft.rfft2(grey * self._window)[self._band]
        energy = spectrum.real**2 + spectrum.imag**2
        # An even surface has no fine structure: rounding noise must not be divided by itself.
        logs = np.log(energy + 1e-3)
        ring_means = np.bincount(self._rings, logs) / self._ring_sizes
        peaks = logs - ring_means[self._rings] > _PEAK
        return float(energy[peaks].sum() / (energy.sum() + 1e-3))
