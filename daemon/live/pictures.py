"""The newest glance as a JPEG, made by whoever asks first, for all who look at it; never on the vision thread."""

import struct
import threading
from dataclasses import dataclass, field

import cv2

from daemon.live.view import LiveView
from daemon.types import Glance

QUALITY = 75
# As wide as the oval's part of a screen is looked at; a phone's stream is not wider either.
WIDTH = 640


@dataclass(frozen=True, eq=False)
class LivePicture:
    """`jpeg` shows the frame of `glance`, `scale` times as large."""

    glance: Glance
    scale: float
    jpeg: bytes = field(repr=False)


class LivePictures:
    """Encodes only what is asked for, and each frame once. Any thread may ask, and waits for who is encoding."""

    def __init__(self, *, view: LiveView) -> None:
        self._view = view
        self._lock = threading.Lock()
        self._last: LivePicture | None = None

    def newest(self) -> LivePicture | None:
        """None before the first frame."""
        with self._lock:
            glance = self._view.newest
            if glance is None or (self._last is not None and self._last.glance is glance):
                return self._last
            self._last = _encode(glance)
            return self._last


def _encode(glance: Glance) -> LivePicture:
    image = glance.frame.image
    scale = min(1.0, WIDTH / image.shape[1])
    shown = image if scale == 1 else cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, jpeg = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return LivePicture(glance, scale, jpeg.tobytes())


def framed(header: bytes, jpeg: bytes) -> bytes:
    """One picture of a stream: the length of a header (JSON) as 4 bytes, most significant first, the header, and the
    same of the JPEG. `shared/frames.js` reads it.
    """
    return struct.pack(f">I{len(header)}sI", len(header), header, len(jpeg)) + jpeg
