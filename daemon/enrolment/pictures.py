"""Pictures that come from outside: checked before they are decoded, turned upright, and handed on as BGR."""

import io
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
import simplejpeg
from PIL import ExifTags, ImageOps, UnidentifiedImageError
from PIL import Image as Pillow

from daemon.errors import PictureError, PictureTooLarge
from models.geometry import Image

FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 25_000_000

_MARKER = 0xFF
_START_OF_SCAN = 0xDA
_APP1 = 0xE1  # where EXIF and XMP are, and with them a picture's orientation

# Exif 2.32, 4.6.4, tag 274; what an orientation of 1, or none, leaves as it is.
_TURNED: Mapping[Any, Callable[[Image], Any]] = MappingProxyType(
    {
        2: partial(cv2.flip, flipCode=1),
        3: partial(cv2.rotate, rotateCode=cv2.ROTATE_180),
        4: partial(cv2.flip, flipCode=0),
        5: cv2.transpose,
        6: partial(cv2.rotate, rotateCode=cv2.ROTATE_90_CLOCKWISE),
        7: lambda image: cv2.flip(cv2.transpose(image), -1),
        8: partial(cv2.rotate, rotateCode=cv2.ROTATE_90_COUNTERCLOCKWISE),
    }
)


def decode(content: bytes, *, name: str) -> Image:
    """A (height, width, 3) uint8 BGR picture of JPEG, PNG, WebP or BMP bytes, turned as its EXIF orientation says.

    Raises PictureTooLarge, naming `name`, for more than 10 MB or 25 megapixels (known from the header, before anything
    is decoded), and PictureError for another format and for damaged content.
    """
    if len(content) > MAX_BYTES:
        raise PictureTooLarge(f"{name}: {len(content)} bytes; at most {MAX_BYTES} are read")
    jpeg = _flawless_jpeg(content)
    if jpeg is not None and _stays_as_it_is(content):
        return jpeg
    try:
        with warnings.catch_warnings():
            # Pillow warns of sizes beyond the limit here, of palettes and of damaged EXIF: nobody could mend it.
            warnings.simplefilter("ignore")
            return _upright(content, jpeg, name)
    except PictureError:
        raise
    except Pillow.DecompressionBombError:
        raise PictureTooLarge(f"{name}: at most {MAX_PIXELS} pixels are decoded") from None
    except UnidentifiedImageError:
        raise PictureError(f"{name}: not a JPEG, PNG, WebP or BMP picture") from None
    # Pillow's decoders raise what they like on damaged bytes; none of it may reach a caller as something else.
    except Exception as error:
        raise PictureError(f"{name}: the picture is damaged ({error})") from error


def _flawless_jpeg(content: bytes) -> Image | None:
    """The pixels of a JPEG as they are stored, in half of Pillow's time; None for what Pillow has to judge."""
    try:
        height, width, _, _ = simplejpeg.decode_jpeg_header(content)
        return simplejpeg.decode_jpeg(content, "BGR") if width * height <= MAX_PIXELS else None
    except ValueError:
        return None


def _stays_as_it_is(content: bytes) -> bool:
    """Whether a JPEG has no segment before its first scan that could turn it.

    Segments: ITU-T T.81, annex B.
    """
    at = 2
    while at + 4 <= len(content) and content[at] == _MARKER:
        kind = content[at + 1]
        if kind in {_START_OF_SCAN, _APP1, _MARKER}:
            return kind == _START_OF_SCAN
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return False


def _upright(content: bytes, jpeg: Image | None, name: str) -> Image:
    picture = Pillow.open(io.BytesIO(content), formats=FORMATS)
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise PictureTooLarge(f"{name}: {width}×{height} pixels; at most {MAX_PIXELS} are decoded")
    if jpeg is not None:
        turned = _TURNED.get(picture.getexif().get(ExifTags.Base.Orientation))
        return jpeg if turned is None else np.asarray(turned(jpeg), dtype=np.uint8)
    ImageOps.exif_transpose(picture, in_place=True)  # a copy would take as long as decoding did
    upright = picture if picture.mode == "RGB" else picture.convert("RGB")
    writable = bytearray(upright.tobytes("raw", "BGR"))  # as every other picture is
    return np.frombuffer(writable, np.uint8).reshape(upright.height, upright.width, 3)


def read_picture(path: Path) -> Image:
    """The picture in a file. Raises PictureError as `decode` does, and for a file that can't be read."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PictureTooLarge(f"{path}: larger than {MAX_BYTES} bytes")
        return decode(path.read_bytes(), name=str(path))
    except OSError as error:
        raise PictureError(f"{path}: can't be read: {error.strerror}") from error
