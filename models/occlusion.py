"""Is something over the mouth or the eyes? What a bare face has there: a dark line between lips, white beside iris."""

import cv2
import numpy as np
from numpy.typing import NDArray

# Upper and lower lip where they meet; corners and lids of each eye: MediaPipe's canonical face model.
_LIPS = (13, 14)
_EYES = ((33, 133, 159, 145), (263, 362, 386, 374))

# In pixels of the aligned face. Where the mesh may lead to: a mesh on a covered face is a guess.
_MOUTH_X, _MOUTH_Y = (40, 72), (74, 100)
_EYE_X, _EYE_Y = (14, 98), (40, 62)
# Skin that hair, beard and spectacles leave bare: right cheek, left cheek, nose; rows, then columns.
_SKIN = (np.s_[62:72, 24:38], np.s_[62:72, 74:88], np.s_[52:68, 50:62])
# Wider than the line between the lips, narrower than the mouth and chin.
_LINE_SIGMA = 4.0

Grey = NDArray[np.uint8]


def lip_contrast(grey: Grey, points: NDArray[np.float32]) -> float:
    """How much darker the line between the lips is than what lies above and below, as a share of the face's mean luma.

    `grey` is the aligned (112, 112) face and `points` (468, 2) its mesh in the same pixels. A mask of even cloth has
    no such line; patterned cloth may have one.
    """
    x, y = _middle(points, _LIPS, _MOUTH_X, _MOUTH_Y)
    down = grey[y - 12 : y + 12, x - 10 : x + 10].mean(axis=1, dtype=np.float32)[:, np.newaxis]
    around = cv2.GaussianBlur(down, (0, 0), _LINE_SIGMA, borderType=cv2.BORDER_REPLICATE)
    return float((around[:, 0] - down[:, 0]).max() / max(1.0, float(grey.mean())))


def eye_contrast(grey: Grey, points: NDArray[np.float32]) -> float:
    """The span of luma in the eye that has more of it, from its darkest to its brightest twentieth, over the skin's.

    Arguments as of `lip_contrast`. Dark glasses leave little of it, and closed or shaded eyes less than open ones.
    """
    skin = max(1.0, float(np.median(np.concatenate([grey[part].ravel() for part in _SKIN]))))
    return max(_span(grey, points, eye) for eye in _EYES) / skin


def _span(grey: Grey, points: NDArray[np.float32], eye: tuple[int, ...]) -> float:
    x, y = _middle(points, eye, _EYE_X, _EYE_Y)
    # One pixel more on each side, so that the blur sees the eye's own surroundings.
    smooth = cv2.blur(grey[y - 5 : y + 6, x - 9 : x + 10], (3, 3))[1:-1, 1:-1]
    low, high = np.quantile(smooth, (0.05, 0.95))
    return float(high - low)


def _middle(
    points: NDArray[np.float32], indices: tuple[int, ...], across: tuple[int, int], down: tuple[int, int]
) -> tuple[int, int]:
    # A point that is no number has no place: any place inside the face will do, as pose and size refuse such a mesh.
    x, y = np.nan_to_num(points[list(indices)].mean(axis=0))
    return int(np.clip(round(float(x)), *across)), int(np.clip(round(float(y)), *down))
