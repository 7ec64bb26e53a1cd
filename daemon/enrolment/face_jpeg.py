"""The picture of a face that is kept: the face and little around it, not the whole scene."""

import cv2
import numpy as np

from models.geometry import Box, Image

_AROUND = 1.6
_LARGEST_PX = 480
_JPEG_QUALITY = 90


def face_jpeg(image: Image, box: Box) -> bytes:
    """JPEG of a BGR picture's part around a face's box, at most 480 pixels on a side."""
    x, y = box.centre
    half = _AROUND * max(box.width, box.height) / 2
    height, width = image.shape[:2]
    # One pixel at least, also of a face that lies outside.
    left, top = (int(np.clip(edge, 0, size - 1)) for edge, size in ((x - half, width), (y - half, height)))
    right, bottom = int(np.clip(x + half, left + 1, width)), int(np.clip(y + half, top + 1, height))
    part = image[top:bottom, left:right]
    shrink = min(1.0, _LARGEST_PX / max(part.shape[:2]))
    if shrink < 1:
        part = np.asarray(cv2.resize(part, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    done, encoded = cv2.imencode(".jpg", part, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise ValueError("image: can't be encoded as JPEG")
    return bytes(encoded)
